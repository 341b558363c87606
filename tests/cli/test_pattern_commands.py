"""Patterns on the command line: what a person reads and what a script gets."""

import json
import re
from pathlib import Path

import pytest

from support.node import entente

COMMANDS = [["pattern", verb] for verb in ("check", "explain", "match")]
CLI = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")

FILE_5 = {
    "type": "observed-data",
    "number_observed": 1,
    "first_observed": "2026-01-01T00:00:00Z",
    "last_observed": "2026-01-01T00:00:00Z",
    "objects": {"0": {"type": "file", "size": 5, "name": "a\u001b[31m"}},
}


@pytest.fixture
def observed(tmp_path):
    path = tmp_path / "observed.json"
    path.write_text(json.dumps([FILE_5, FILE_5]), encoding="utf-8")
    return path


def run(*args, stdin=None):
    return entente("pattern", *args, stdin=stdin, check=False)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples_and_the_page_has_every_option(command):
    text = entente(*command, "--help").stdout
    assert "Examples:" in text
    section = CLI.split("\n## pattern\n")[1].split("\n## ")[0]
    assert "entente " + " ".join(command) in section
    for option in set(re.findall(r"^  (?:-h,)?(--[a-z0-9-]+)", text, re.M)) - {"--help", "--json", "--data"}:
        assert option in section, option


# -- check


def test_check_says_sound_with_the_canonical_spelling():
    done = run("check", "[file:size   ==  5]", "[url:value LIKE '%x']")
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["sound: [file:size = 5]", "sound: [url:value LIKE '%x']"]


def test_check_shows_the_place_with_a_caret():
    done = run("check", "[file:size = ]")
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    assert lines[0] == "wrong: [file:size = ]"
    pattern, caret = next((a, b) for a, b in zip(lines, lines[1:]) if b.lstrip().startswith("^"))
    assert pattern[caret.index("^")] == "]"
    assert "expected" in caret


@pytest.mark.parametrize(
    "pattern, rule",
    [
        ("[file:name MATCHES '(']", "P16"),
        ("[file:size = 5] WITHIN 0 SECONDS", None),
        ("[file:mtime = t'2024-02-30T00:00:00Z']", "P3"),
        ("[file:size IN (5, 'a')]", None),
    ],
)
def test_check_finds_what_makes_a_pattern_match_nothing(pattern, rule):
    done = run("check", "--json", pattern)
    assert done.returncode == 2
    answer = json.loads(done.stdout)
    assert answer["pattern"] == pattern and answer["valid"] is False
    wrong = [f for f in answer["findings"] if f["level"] == "must"]
    assert len(wrong) == 1 and 0 < wrong[0]["at"] < len(pattern)
    if rule:
        assert wrong[0]["rule"] == rule


def test_check_takes_lines_of_standard_input_and_escapes_them():
    done = run("check", "--json", "-", stdin="[file:size = 5]\n\n[file:size\r\n[file:name = '\x1b[31m']")
    assert done.returncode == 2
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["valid"] for a in answers] == [True, False, True]
    shown = run("check", "[file:name = '\x1b[31m' AND]")
    assert "\x1b" not in shown.stdout + shown.stderr


def test_check_knows_the_two_languages():
    pattern = "[file:size = 5] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'"
    assert run("check", "--stix-version", "2.0", pattern).returncode == 0
    assert run("check", pattern).returncode == 2
    done = run("check", "--stix-version", "3", pattern)
    assert done.returncode == 2 and "2.0 or 2.1" in done.stderr


# -- explain


def test_explain_tells_it_in_words():
    done = run("explain", "[file:size > 10] REPEATS 3 TIMES WITHIN 60 SECONDS")
    assert done.returncode == 0
    assert done.stdout.startswith("[file:size > 10] REPEATS 3 TIMES WITHIN 60 SECONDS\n")
    assert "3 times" in done.stdout and "60 seconds" in done.stdout
    answer = json.loads(run("explain", "--json", "[file:size > 10]").stdout)
    assert answer["pattern"] == "[file:size > 10]" and "10" in answer["explanation"]
    assert run("explain", "[file:size >").returncode == 2


# -- match


def test_match_exit_codes_for_people(observed):
    done = run("match", "--pattern", "[file:size = 5] REPEATS 2 TIMES", "--observed", observed)
    assert (done.returncode, done.stdout) == (0, "match: observations 0, 1 of 2 (counted from 0)\n")
    done = run("match", "--pattern", "[file:size = 6]", "--observed", observed)
    assert (done.returncode, done.stdout) == (1, "no match in 2 observations\n")
    done = run("match", "--pattern", "[file:size = ", "--observed", observed)
    assert done.returncode == 2 and done.stdout == "" and "^" in done.stderr
    done = run("match", "--pattern", "[file:size = 5] WITHIN 0 SECONDS", "--observed", observed)
    assert done.returncode == 2 and "WITHIN 0" in done.stderr
    done = run("match", "--pattern", "[file:size = 5]", "--observed", "-", stdin='[{"type": "observed-data"}]')
    assert done.returncode == 3 and done.stdout == "" and "/0: no first_observed" in done.stderr
    done = run("match", "--pattern", "[file:size = 5]", "--observed", "-", stdin="{")
    assert done.returncode == 3 and "standard input" in done.stderr


def test_match_answers_scripts_with_one_object(observed):
    def ask(pattern, stdin=None):
        done = run("match", "--json", "--pattern", pattern, "--observed", "-" if stdin else observed, stdin=stdin)
        return done.returncode, json.loads(done.stdout)

    assert ask("[file:size = 5]") == (0, {"observations": 2, "result": "match", "bound": [0]})
    assert ask("[file:size = 6]") == (1, {"observations": 2, "result": "no_match"})
    code, answer = ask("[file:size")
    assert code == 2 and answer["result"] == "pattern_error" and answer["at"] == 10
    code, answer = ask("[file:size = 5]", stdin="[5]")
    assert code == 3 and answer["result"] == "match_error" and "/0" in answer["message"]


def test_match_says_when_it_cannot_decide(tmp_path):
    one = dict(FILE_5, objects={"0": {"type": "file", "name": "a" * 60 + "!"}})
    path = tmp_path / "o.json"
    path.write_text(json.dumps(one), encoding="utf-8")
    done = run("match", "--pattern", "[file:name MATCHES '^(a+)+$']", "--observed", path)
    assert done.returncode == 4 and done.stdout.startswith("not decided: the regular expression at byte 19")
    done = run("match", "--json", "--pattern", "[file:name MATCHES '^(a+)+$']", "--observed", path)
    assert done.returncode == 4 and json.loads(done.stdout)["result"] == "gave_up"


def test_match_by_the_reference_where_it_departs(observed):
    later = dict(FILE_5, first_observed="2026-01-01T00:00:05Z", last_observed="2026-01-01T00:00:05Z")
    text = json.dumps([FILE_5, later])
    ask = ("match", "--pattern", "[file:size = 5] REPEATS 2 TIMES WITHIN 5 SECONDS", "--observed", "-")
    assert run(*ask, stdin=text).returncode == 1
    assert run(*ask, "--reference", stdin=text).returncode == 0


@pytest.mark.parametrize(
    "args, words",
    [
        ([], "give --pattern and --observed, or --cases"),
        (["--pattern", "[a:b = 1]"], "give --pattern and --observed, or --cases"),
        (["--pattern", "[a:b = 1]", "--cases", "x"], "--cases goes without"),
        (["--pattern", "[a:b = 1]", "--observed", "-", "--stix-version", "1"], "expected 2.0 or 2.1"),
    ],
)
def test_match_needs_its_inputs(args, words):
    done = run("match", *args)
    assert done.returncode == 2 and words in done.stderr


def test_cases_are_answered_line_by_line(tmp_path):
    def case(name, pattern, observations, version="2.1"):
        return {"id": name, "stix_version": version, "pattern": pattern, "observations": observations}

    cases = [
        case("yes", "[file:size = 5]", [FILE_5]),
        case("no", "[file:size = 6]", [FILE_5]),
        case("parse", "[file:size", [FILE_5]),
        case("constant", "[file:size = 5] WITHIN 0 SECONDS", [FILE_5]),
        case("observations", "[file:size = 5]", [{}]),
        case("old", "[file:size = 5] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'", [FILE_5], "2.0"),
    ]
    text = "".join(json.dumps(c) + "\n" for c in cases)
    done = run("match", "--cases", "-", stdin=text)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [(a["id"], a["result"]) for a in answers] == [
        ("yes", "match"),
        ("no", "no_match"),
        ("parse", "pattern_error"),
        ("constant", "pattern_error"),
        ("observations", "match_error"),
        ("old", "match"),
    ]
    done = run("match", "--cases", "-", stdin=text + "{}\n")
    assert done.returncode == 3 and "line 7" in done.stderr
    assert run("match", "--cases", "-", stdin="").returncode == 3


def test_the_reference_matchers_cases(shared_data):
    path = shared_data / "oasis-pattern-matcher-cases" / "cases.jsonl"
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    done = run("match", "--cases", path, "--reference")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["id"] for a in answers] == [c["id"] for c in cases]
    differing = [c["id"] for c, a in zip(cases, answers) if c["reference_agrees"] and c["expected"] != a["result"]]
    assert differing == []
