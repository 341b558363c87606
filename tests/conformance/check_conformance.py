"""Checks docs/conformance.md against the tests that ran.

Fails when an item is missing from the table or stands there twice, when a line names neither a test nor a reason, and when a
named test does not exist, was skipped, or failed. What ran is read from JUnit reports (GoogleTest's and pytest's); with
--programs the tests of a build are only listed, which shows missing ones before a whole run.
"""

import argparse
import re
import subprocess
import sys
import xml.etree.ElementTree as tree
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

ITEMS = (
    [f"T{n}" for n in range(1, 104)]
    + [f"C2.{n}" for n in range(1, 17)]
    + [f"S{n}" for n in range(1, 75)]
    + [f"V{n}" for n in range(1, 17)]
    + [f"P{n}" for n in range(1, 31)]
)
REASONS = ("Does not apply:", "Not offered:")
NAMED = re.compile(r"`([^`]+)`")
GTEST = re.compile(r"[A-Za-z]\w*\.[A-Za-z]\w*")
PYTEST = re.compile(r"tests/[\w/]+\.py::\w+")


@dataclass
class Row:
    item: str
    tests: list
    reason: bool


@dataclass
class Ran:
    """Names of tests by what became of them; a test that runs in several programs may be in several sets."""

    passed: set = field(default_factory=set)
    failed: set = field(default_factory=set)
    skipped: set = field(default_factory=set)


def rows_of(text):
    """The table's lines: | item | asks | how, or the reason | tests |"""
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 4 or not re.fullmatch(r"(T|C2\.|S|V|P)\d+", cells[0]):
            continue
        rows.append(Row(cells[0], NAMED.findall(cells[3]), cells[2].startswith(REASONS)))
    return rows


def gtest_name(suite, name):
    """`Backends/Contract` and `Keeps/1` become `Contract.Keeps`: the table names no instances."""
    return f"{suite.split('/')[-1] if '/' in suite and not suite[-1].isdigit() else suite.split('/')[0]}.{name.split('/')[0]}"


def pytest_name(classname, name):
    module = classname.removeprefix("tests.").replace(".", "/")
    return f"tests/{module}.py::{name.split('[')[0]}"


def read_report(file, ran):
    for case in tree.parse(file).getroot().iter("testcase"):
        classname, name = case.get("classname", ""), case.get("name", "")
        # pytest's module paths are lower case with dots; a GoogleTest suite has neither.
        is_pytest = re.fullmatch(r"[\w.]*\btest_\w+", classname) is not None
        full = pytest_name(classname, name) if is_pytest else gtest_name(classname, name)
        if case.find("failure") is not None or case.find("error") is not None:
            ran.failed.add(full)
        elif case.find("skipped") is not None or case.get("result") in ("skipped", "suppressed"):
            ran.skipped.add(full)
        elif case.get("status", "run") != "run":
            ran.skipped.add(full)
        else:
            ran.passed.add(full)


def listed_tests(program):
    """Names from --gtest_list_tests; disabled ones are none."""
    text = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    names, suite = set(), ""
    for line in text.splitlines():
        line = line.split("#")[0].rstrip()
        if line and not line.startswith(" ") and line.endswith("."):
            suite = line[:-1]
        elif line.startswith("  ") and "DISABLED_" not in line + suite:
            names.add(gtest_name(suite, line.strip()))
    return names


def problems(rows, ran):
    found = []
    items = [row.item for row in rows]
    for item in ITEMS:
        if items.count(item) != 1:
            found.append((item, "is missing from the table" if item not in items else "stands in the table more than once"))
    for row in rows:
        if row.item not in ITEMS:
            found.append((row.item, "is no item"))
        if not row.tests and not row.reason:
            found.append((row.item, f"names no test and gives no reason ({' or '.join(REASONS)})"))
        for test in row.tests:
            if not GTEST.fullmatch(test) and not PYTEST.fullmatch(test):
                found.append((row.item, f"`{test}` is no name of a test (Suite.Name or tests/…py::test_name)"))
            elif test in ran.failed:
                found.append((row.item, f"{test} failed"))
            elif test not in ran.passed:
                found.append((row.item, f"{test} {'was skipped' if test in ran.skipped else 'does not exist or did not run'}"))
    return found


def write_junit(path, rows, found):
    """One test case for each item, so that a run's summary counts them."""
    lines = []
    for item in dict.fromkeys([*ITEMS, *(row.item for row in rows)]):
        of_item = [text for name, text in found if name == item]
        inner = f"<failure message={quoteattr('; '.join(of_item))}/>" if of_item else ""
        lines.append(f'<testcase classname="Conformance" name="{item}">{inner}</testcase>')
    path.write_text(f'<testsuite name="conformance">{"".join(lines)}</testsuite>\n', encoding="utf-8")


def main():
    here = Path(__file__).resolve().parents[2]
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--table", type=Path, default=here / "docs" / "conformance.md")
    arguments.add_argument("--reports", type=Path, help="folder of JUnit reports (*.xml)")
    arguments.add_argument("--programs", type=Path, help="build folder: list its *_test programs, and tests/**/test_*.py")
    arguments.add_argument("--junit", type=Path, help="write the result here as a JUnit report")
    options = arguments.parse_args()
    if not options.reports and not options.programs:
        arguments.error("give --reports or --programs")
    ran = Ran()
    if options.reports:
        for file in sorted(options.reports.glob("*.xml")):
            if options.junit is None or file.resolve() != options.junit.resolve():
                read_report(file, ran)
    if options.programs:
        for program in sorted(options.programs.rglob("*_test")):
            if program.is_file():
                ran.passed |= listed_tests(program)
        for file in sorted((here / "tests").rglob("test_*.py")):
            for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE):
                ran.passed.add(f"{file.relative_to(here).as_posix()}::{name}")
    rows = rows_of(options.table.read_text(encoding="utf-8"))
    found = problems(rows, ran)
    if options.junit:
        write_junit(options.junit, rows, found)
    for item, text in found:
        print(f"docs/conformance.md: {item}: {text}")
    print(f"{len(rows)} items, {sum(len(row.tests) for row in rows)} names of tests, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
