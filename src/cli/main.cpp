// entente: a threat-intelligence exchange. Everything is in the library, so that tests can call it.
#include "cli/run.h"

#include <cstdio>

int main(int argc, char** argv) {
    return entente::cli::run(argc, argv, stdin, stdout, stderr);
}
