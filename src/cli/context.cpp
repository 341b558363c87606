#include "cli/context.h"

#include "base/escape.h"

namespace entente::cli {

void Context::note(std::string_view text) const {
    (void)std::fputs(("entente: " + printable(text, text.size()) + "\n").c_str(), err);
}

}  // namespace entente::cli
