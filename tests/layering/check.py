"""Fails on an include that goes up, reaches into another module's internal/, or brings a guarded library where it must not be."""

import argparse
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
USES = re.compile(r"\bUSES\s+([a-z_ ]+?)(?:\s+[A-Z_]+\s|\s*\))", re.DOTALL)
TEST_USES = re.compile(r"\bTEST_USES\s+([a-z_ ]+?)(?:\s+[A-Z_]+\s|\s*\))", re.DOTALL)

# What may be included only in these files (regular expressions on the path below src/).
GUARDED = [
    (re.compile(r"^boost/beast"), r"http/((server|client)\.cpp|internal/request_parser\.h)", "Boost.Beast belongs to http/server.cpp and http/client.cpp"),
    (re.compile(r"^boost/asio/ssl"), r"http/((server|client)\.cpp|internal/server_stream\.h)", "asio/ssl belongs to http/server.cpp and http/client.cpp"),
    (re.compile(r"^http/internal/(request_parser|server_stream)\.h$"), r"http/server\.cpp", "Boost.Beast and asio/ssl are compiled once"),
    (re.compile(r"^boost/asio"), r"http/.*", "Asio belongs to http"),
    (re.compile(r"^sqlite3\.h$"), r"store/(sqlite|fault)/.*", "sqlite3.h belongs to store/sqlite"),
    (re.compile(r"^CLI/"), r"cli/command_line\.cpp", "CLI11 belongs to one file"),
    (re.compile(r"^spdlog/"), r"base/log\.cpp", "spdlog is hidden by base/log.h"),
]
PURE = {"pattern", "match", "stix", "ledger", "agreement", "formats", "feed"}
IMPURE = re.compile(r"^(fstream|filesystem|sys/socket\.h|unistd\.h|thread|mutex|boost/asio.*|sqlite3\.h|base/log\.h)$")
IMPURE_TEXT = re.compile(r"\b(system_clock|system_random|steady_clock)\b")
# Texts that leave without being objects are made in these places only.
OWN_WORDS = re.compile(r"\bown_words\s*\(")
OWN_WORDS_IN = {"agreement/release.h", "agreement/release.cpp", "taxii/resources.cpp", "exchange/exchange.cpp", "ops/service.cpp", "watch/door.cpp"}


def declared(root, words=USES):
    uses = {}
    for file in sorted((root / "src").glob("*/CMakeLists.txt")):
        found = words.search(file.read_text(encoding="utf-8") + "\n)")
        uses[file.parent.name] = set(found.group(1).split()) if found else set()
    return uses


def problems_in(path, module, text, uses, test_uses=None):
    test = path.endswith("_test.cpp") or "/testing/" in path
    for bracket, name in INCLUDE.findall(text):
        for pattern, allowed, why in GUARDED:
            if pattern.match(name) and not re.fullmatch(allowed, path):
                yield f"{path}: includes {name}: {why}"
        if module in PURE and not test and IMPURE.match(name):
            yield f"{path}: includes {name}: {module} is pure"
        if bracket == "<":
            continue
        target = name.split("/")[0]
        if target == module or target not in uses:
            continue
        if target not in uses[module] and not (test and target in (test_uses or {}).get(module, ())):
            yield f"{path}: includes {name}: {module} does not use {target} (see its CMakeLists.txt)"
        if "/internal/" in name:
            yield f"{path}: includes {name}: the inside of another module"
    if module in PURE and not test and IMPURE_TEXT.search(text):
        yield f"{path}: names a clock or random source: {module} is pure"
    if OWN_WORDS.search(text) and path not in OWN_WORDS_IN and not test:
        yield f"{path}: makes a text that leaves without the decision; add the place to tests/layering/check.py with its reason"


def cycles(uses):
    for module in uses:
        seen, pending = set(), list(uses[module])
        while pending:
            other = pending.pop()
            if other == module:
                yield f"src/{module}: uses itself through others"
                break
            if other not in seen:
                seen.add(other)
                pending += uses.get(other, ())


def check(root):
    uses = declared(root)
    test_uses = declared(root, TEST_USES)
    found = list(cycles(uses))
    src = root / "src"
    for file in sorted([*src.rglob("*.cpp"), *src.rglob("*.h")]):
        path = file.relative_to(src).as_posix()
        found += problems_in(path, path.split("/")[0], file.read_text(encoding="utf-8"), uses, test_uses)
    return found


PLANTED = [
    ("stix/a.cpp", '#include "store/store.h"', "does not use store"),
    ("pattern/a.cpp", '#include "stix/object.h"', "does not use stix"),
    ("pattern/a.cpp", "#include <fstream>", "is pure"),
    ("taxii/a.cpp", '#include "exchange/internal/cursor.h"', "the inside of another module"),
    ("taxii/a.cpp", "#include <boost/beast/http.hpp>", "Beast"),
    ("http/a.cpp", '#include "http/internal/server_stream.h"', "compiled once"),
    ("exchange/a.cpp", "#include <sqlite3.h>", "sqlite3.h"),
    ("agreement/a.cpp", "#include <fstream>", "is pure"),
    ("ledger/a.cpp", "auto t = std::chrono::system_clock::now();", "is pure"),
    ("ledger/a.cpp", '#include "stix/object.h"', "does not use stix"),
    ("stix/a.cpp", "auto t = std::chrono::system_clock::now();", "is pure"),
    ("cli/a.cpp", "Released::own_words(OwnWords::echo, body);", "without the decision"),
]


def self_test(root):
    uses = declared(root)
    missed = []
    for path, text, expected in PLANTED:
        if not any(expected in p for p in problems_in(path, path.split("/")[0], text, uses)):
            missed.append(f"not caught: {text} in {path}")
    if not list(cycles({"a": {"b"}, "b": {"a"}})):
        missed.append("not caught: a circle of modules")
    return missed


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("root", type=Path)
    arguments.add_argument("--self-test", action="store_true")
    options = arguments.parse_args()
    found = self_test(options.root) if options.self_test else check(options.root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
