"""Takes findings of the STIX checker away, some at a time, and demands that a test turns red each time.

The program is stix_test of a build with ENTENTE_MUTANTS (rule.h beside this). Taken away are, each alone:

  - every rule that the checker names (S34) and every public number of a recommendation (103),
  - every line of the source that reports something, for each rule and number that it reports ("check_ties.cpp:305 S34 0"),

and then, for every S and V item of docs/conformance.md, the tests that its line names must be among those that miss it: of an
item that the checker names, all its findings; of the others (V1 is reported as S7), some finding that its tests make.

Only tests that make a finding are asked whether they miss it: first each test runs alone, and the program writes what was
found. What no test misses is printed, and the end is 1. Lines without a test that reaches them are told, too.
As a program: rules.py PROGRAM [WHAT…]; WHAT is a rule, a number or a line (check_ties.cpp:305), all of them without it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE / "tests" / "conformance"))
from check_conformance import GTEST, rows_of  # noqa: E402

SOURCES = [f for f in sorted((HERE / "src" / "stix").rglob("*")) if f.suffix in (".h", ".cpp") and not f.name.endswith("_test.cpp")]
RULE = re.compile(r'"([SVP]\d{1,2})"')
CALL = re.compile(r"\bfindings\.(?:must|must_at|recommend)\(")
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)\'')
NUMBER = re.compile(r"(?<![\w.'])([1-4]\d\d)(?![\w.'])")
# The number of a vocabulary stands in its row, the others where they are reported.
VOCABULARY = re.compile(r"VocabularyInfo\{(.*?)\}", re.DOTALL)
# Whole files and long chains of numbers: no place for what one object breaks.
LEFT_OUT = ("SharedData", "Number", "Canonical", "Redact")
QUICK_S = 0.1


def calls(text):
    """First and last line of each call that reports, and what stands in it, the insides of strings blanked."""
    blank = STRING.sub(lambda found: '"' + "_" * (len(found.group()) - 2) + '"', text)
    for found in CALL.finditer(blank):
        depth, at = 1, found.end()
        while depth > 0:
            depth += {"(": 1, ")": -1}.get(blank[at], 0)
            at += 1
        yield blank.count("\n", 0, found.start()) + 1, blank.count("\n", 0, at) + 1, blank[found.end() : at]


def in_the_source():
    """Rules and numbers as a set, and places that report as (file, first line, last line)."""
    names, places = set(), []
    for file in SOURCES:
        text = file.read_text(encoding="utf-8")
        names |= set(RULE.findall(text))
        for row in VOCABULARY.findall(text):
            names |= set(NUMBER.findall(STRING.sub("", row)))
        for first, last, inside in calls(text):
            places.append((file.name, first, last))
            names |= set(NUMBER.findall(inside))
    return names, places


@dataclass
class Test:
    name: str
    seconds: float
    found: set  # "check_ties.cpp:305 S34 0"


class Program:
    """The test program, and what each of its tests finds."""

    def __init__(self, path):
        self.path = path
        self.tests = []

    def run(self, names, away=None, found=None):
        """The first of the tests that turns red, or None."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
        if away:
            environment["ENTENTE_TAKE_AWAY"] = away
        if found:
            environment["ENTENTE_FOUND"] = str(found)
        done = subprocess.run(
            [self.path, "--gtest_brief=1", "--gtest_fail_fast", "--gtest_filter=" + ":".join(names)],
            capture_output=True, text=True, errors="replace", env=environment, check=False,
        )
        if done.returncode == 0:
            return None
        red = re.search(r"\[  FAILED  \] ([\w./]+)", done.stdout)
        return red.group(1) if red else f"the program ended with {done.returncode}: {done.stderr[-200:]}"

    def learn(self, pool):
        """Runs each test alone. Ends this program when one is red as it is."""
        listed = subprocess.run([self.path, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
        names, suite = [], ""
        for line in listed.splitlines():
            if line.startswith("  "):
                names.append(suite + line.split("#")[0].strip())
            elif line.split("#")[0].strip().endswith("."):
                suite = line.split("#")[0].strip()
        with tempfile.TemporaryDirectory() as folder:
            def alone(numbered):
                number, name = numbered
                file, began = Path(folder) / str(number), time.monotonic()
                red = self.run([name], found=file)
                if red:
                    return f"{red} is red without anything taken away"
                found = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
                return Test(name, time.monotonic() - began, set(found))

            self.tests = list(pool.map(alone, enumerate(n for n in names if not n.startswith(LEFT_OUT))))
        red = [test for test in self.tests if isinstance(test, str)]
        if red:
            sys.exit("\n".join(red))
        self.tests.sort(key=lambda test: test.seconds)

    def missed(self, away, named=None):
        """A test that turns red when `away` is taken away, or None; `named`: among these only."""
        tests = [test for test in self.tests if any(matches(away, found) for found in test.found)]
        if named is not None:
            tests = [test for test in tests if test.name in named]
        for some in ([t.name for t in tests if t.seconds < QUICK_S], [t.name for t in tests if t.seconds >= QUICK_S]):
            red = self.run(some, away=away) if some else None
            if red:
                return red
        return None


def matches(away, found):
    line, rule, number = found.split(" ")
    return away in (found, line, rule, number)


def key(name):
    """S9 before S10, and files by their lines."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def unreached(names, places, found):
    """What the source has and no test makes it report."""
    reported = {word for finding in found for word in finding.split(" ")}
    for name in sorted(names - reported, key=key):
        yield f"{name}: no test makes the checker report it"
    lines, known = {finding.split(" ")[0] for finding in found}, set()
    for file, first, last in places:
        of_place = {f"{file}:{line}" for line in range(first, last + 1)} & lines
        known |= of_place
        if not of_place:
            yield f"{file}:{first}: no test makes this line report"
    for line in sorted(lines - known, key=key):
        yield f"{line}: reports, and is no call that was found in the source"


def items_of_the_page(program):
    """For each S and V item: (item, names of its tests here, what may be taken away from them). Items of other programs are left out."""
    by_name = {test.name: test for test in program.tests}
    for row in rows_of((HERE / "docs" / "conformance.md").read_text(encoding="utf-8")):
        if row.item[0] not in "SV":
            continue
        named = {name for name in row.tests if GTEST.fullmatch(name) and name in by_name}
        found = {finding for name in named for finding in by_name[name].found}
        own = any(finding.split(" ")[1] == row.item for finding in found)
        if found:
            yield row.item, named, [row.item] if own else sorted(found, key=key)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program", type=Path)
    arguments.add_argument("what", nargs="*")
    arguments.add_argument("--verbose", action="store_true", help="say which test turned red, too")
    options = arguments.parse_args()
    began, program = time.monotonic(), Program(options.program.resolve())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        program.learn(pool)
        found = {finding for test in program.tests for finding in test.found}
        names, places = in_the_source()
        survivors = [] if options.what else list(unreached(names, places, found))
        pending = sorted({word for finding in found for word in finding.split(" ")[1:]} - {"", "0"} | found, key=key)
        if options.what:
            pending = [away for away in pending if away in options.what or away.split(" ")[0] in options.what]
        for away, red in zip(pending, pool.map(program.missed, pending)):
            if red is None:
                survivors.append(f"{away}: no test misses it")
            elif options.verbose:
                print(f"{away}: {red}", flush=True)

        def of_item(entry):
            item, named, ways = entry
            return item, next((red for away in ways if (red := program.missed(away, named))), None)

        items = [] if options.what else list(pool.map(of_item, items_of_the_page(program)))
        for item, red in items:
            if red is None:
                survivors.append(f"{item}: none of the tests that docs/conformance.md names misses it")
            elif options.verbose:
                print(f"{item} of the page: {red}", flush=True)
    for line in survivors:
        print(line)
    rules = sum(1 for away in pending if " " not in away)
    print(
        f"{rules} rules and numbers and {len(pending) - rules} lines that report them taken away one by one, {len(items)} items of the page "
        f"held against the tests they name: {len(survivors)} without a test that misses them ({time.monotonic() - began:.0f} s)"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
