"""The check of docs/conformance.md catches what it is for."""

import subprocess
import sys
from pathlib import Path

import check_conformance as check
import pytest

SCRIPT = Path(check.__file__)
GOOD = {item: "`Suite.Name`" for item in check.ITEMS} | {
    "T5": "`tests/conformance/test_x.py::test_y`, `Contract.Keeps`",
}
GTEST_REPORT = """<testsuites><testsuite name="Suite">
<testcase name="Name" status="run" result="completed" classname="Suite"/>
<testcase name="Keeps/0" status="run" result="completed" classname="Backends/Contract"/>
<testcase name="Off" status="notrun" result="suppressed" classname="Suite"/>
<testcase name="Skipped" status="run" result="skipped" classname="Suite"><skipped message="x"/></testcase>
<testcase name="Broken" status="run" result="completed" classname="Suite"><failure message="x"/></testcase>
</testsuite></testsuites>"""
PYTEST_REPORT = """<testsuites><testsuite name="pytest">
<testcase classname="conformance.test_x" name="test_y[7]"/>
<testcase classname="tests.conformance.test_x" name="test_full"/>
<testcase classname="conformance.test_x" name="test_skipped"><skipped message="x"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def run(tmp_path):
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "gtest.xml").write_text(GTEST_REPORT)
    (reports / "pytest.xml").write_text(PYTEST_REPORT)

    def run_with(lines, *extra, how={}):
        table = "\n".join(f"| {item} | asks | {how.get(item, 'how')} | {tests} |" for item, tests in lines)
        (tmp_path / "table.md").write_text("# Text\n\n| Item | Asks | How | Test |\n|---|---|---|---|\n" + table + "\n")
        return subprocess.run(
            [sys.executable, SCRIPT, "--table", tmp_path / "table.md", "--reports", reports, *extra],
            capture_output=True,
            text=True,
            check=False,
        )

    return run_with


def test_a_complete_table_passes(run, tmp_path):
    report = tmp_path / "out.xml"
    done = run(GOOD.items(), "--junit", report)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 problems" in done.stdout
    assert report.read_text().count("<testcase") == len(check.ITEMS)
    assert "<failure" not in report.read_text()


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ("`Suite.Absent`", "does not exist"),
        ("`Suite.Off`", "was skipped"),
        ("`Suite.Skipped`", "was skipped"),
        ("`Suite.Broken`", "failed"),
        ("`Suite.Name`, `Suite.Absent`", "does not exist"),
        ("`tests/conformance/test_x.py::test_absent`", "does not exist"),
        ("`tests/conformance/test_x.py::test_skipped`", "was skipped"),
        ("`something else`", "is no name of a test"),
        ("looked at by hand", "names no test"),
        ("", "names no test"),
    ],
)
def test_a_line_without_a_test_that_ran_fails(run, tmp_path, tests, expected):
    done = run((GOOD | {"T7": tests}).items(), "--junit", tmp_path / "out.xml")
    assert done.returncode == 1
    assert f"T7: " in done.stdout and expected in done.stdout
    assert (tmp_path / "out.xml").read_text().count("<failure") == 1


def test_a_pytest_name_is_found_from_either_root(run):
    assert run((GOOD | {"T7": "`tests/conformance/test_x.py::test_full`"}).items()).returncode == 0


def test_a_reason_stands_for_a_test(run):
    lines = (GOOD | {"T7": "", "C2.16": ""}).items()
    assert run(lines, how={"T7": "Does not apply: a reason", "C2.16": "Not offered: a reason"}).returncode == 0
    assert run(lines, how={"T7": "Does not apply: a reason"}).returncode == 1


def test_a_missing_item_fails(run):
    done = run([(item, tests) for item, tests in GOOD.items() if item != "T42"])
    assert done.returncode == 1
    assert "T42: is missing" in done.stdout


def test_an_item_that_stands_twice_fails(run):
    done = run([*GOOD.items(), ("T42", "`Suite.Name`")])
    assert done.returncode == 1
    assert "T42: stands in the table more than once" in done.stdout


def test_an_unknown_item_fails(run):
    done = run([*GOOD.items(), ("T104", "`Suite.Name`")])
    assert done.returncode == 1
    assert "T104: is no item" in done.stdout
