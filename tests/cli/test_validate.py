"""entente validate: STIX of any form and size checked, and what the report says about it."""

import gzip
import json
import lzma
import os
import pty
import re
import select
import signal
import subprocess
from pathlib import Path

import pytest

from support.node import Measured, binary, entente, indicator

BUNDLE_ID = "bundle--44af6c39-c09b-49c5-9de2-394224b04982"
IDENTITY = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f"
ROOT = Path(__file__).resolve().parents[2]
VERDICTS = json.loads((Path(__file__).parent / "stix_verdicts.json").read_text(encoding="utf-8"))


def sound(number, **more):
    """An indicator of which nothing is to be said."""
    return indicator(number, description="seen by a sensor", **more)


def wrong(number):
    """Its validity ends before it begins (S33)."""
    return sound(number, valid_until="2019-01-01T00:00:00Z")


def custom(number):
    """It has a custom property without an extension (check 401)."""
    return sound(number, x_example_com_score=5)


def bundle(objects, **more):
    return json.dumps({"type": "bundle", "id": BUNDLE_ID, **more, "objects": objects})


def validate(*args, stdin=None, code=0):
    done = entente("validate", *args, stdin=stdin, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def report(*args, stdin=None, code=0):
    return json.loads(validate(*args, "--json", stdin=stdin, code=code).stdout)


def found(document):
    """{(level, code, rule, pointer), …} of all groups."""
    return {
        (group["level"], group["code"], group["rule"], place["pointer"])
        for group in document["groups"]
        for place in group["places"]
    }


@pytest.fixture
def put(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# -- what is read


FORMS = {
    "bundle": lambda objects: bundle(objects),
    "envelope": lambda objects: json.dumps({"more": False, "objects": objects}),
    "list": lambda objects: json.dumps(objects, indent=2),
    "lines": lambda objects: "\n".join(json.dumps(o) for o in objects) + "\n",
    "bundles": lambda objects: "\n".join(bundle([o]) for o in objects),
    "marked": lambda objects: b"\xef\xbb\xbf" + bundle(objects).encode(),
    "gz": lambda objects: gzip.compress(bundle(objects).encode()),
    "xz": lambda objects: lzma.compress(bundle(objects).encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(put, form):
    path = put("in." + form, FORMS[form]([sound(1), wrong(2), sound(3)]))
    document = report(path, code=2)
    assert (document["files"], document["objects"], document["must"]) == (1, 3, 1)
    assert found(document) == {("must", None, "S33", "/valid_until")}
    (example,) = document["groups"][0]["places"][0]["examples"]
    assert example["id"] == wrong(2)["id"] and example["file"] == str(path)
    assert report(put("good." + form, FORMS[form]([sound(1), sound(3)])))["valid"] is True


def test_one_object_alone_and_standard_input(put):
    assert report(put("one.json", json.dumps(sound(1), indent=4)))["objects"] == 1
    document = report("-", stdin=json.dumps(wrong(1)), code=2)
    assert document["groups"][0]["places"][0]["examples"][0]["file"] == "standard input"


def test_zstd_is_read(put, tmp_path):
    path = tmp_path / "in.zst"
    done = subprocess.run(["zstd", "-q", "-o", path], input=bundle([wrong(1)]).encode(), check=False)
    if done.returncode != 0:
        pytest.skip("no zstd program here")
    assert report(path, code=2)["must"] == 1


def test_folders_and_patterns(put, tmp_path):
    put("a/one.json", bundle([sound(1)]))
    put("a/deep/er/two.jsonl", json.dumps(wrong(2)))
    put("a/three.stix2", bundle([sound(3)]))
    put("a/four.json.gz", gzip.compress(bundle([sound(4)]).encode()))
    put("a/readme.txt", "not read")
    assert report(tmp_path / "a", code=2)["objects"] == 4
    assert report(tmp_path / "a" / "*.json*")["objects"] == 2
    document = report(tmp_path / "a" / "d*", tmp_path / "a" / "one.json", code=2)
    assert [entry["file"] for entry in document["inputs"]] == [str(tmp_path / "a/deep/er/two.jsonl")]
    assert (document["files"], document["objects"]) == (2, 2)


def test_a_bundle_says_that_it_is_of_stix_20():
    old = {
        "type": "indicator", "id": "indicator--11111111-1111-4111-8111-111111111111", "labels": ["malicious-activity"],
        "created": "2017-01-01T00:00:00.000Z", "modified": "2017-01-01T00:00:00.000Z", "name": "a", "description": "b",
        "pattern": "[ipv4-addr:value = '198.51.100.1']", "valid_from": "2017-01-01T00:00:00Z",
    }
    assert report("-", stdin=bundle([old], spec_version="2.0"))["valid"] is True
    assert report("-", "--spec", "2.0", stdin=json.dumps(old))["valid"] is True
    document = report("-", "--spec", "2.1", stdin=bundle([old], spec_version="2.0"), code=2)
    assert ("must", None, "S11", "/spec_version") in found(document)
    assert ("should", 401, "S71", "/spec_version") in found(document)


def test_the_bundled_example_is_sound():
    example = ROOT / "examples" / "campaign-harbour-lantern.json"
    assert report("--strict", example)["valid"] is True


# -- what is found


def test_bundles_are_checked_themselves():
    text = json.dumps(
        {"type": "bundle", "id": "bundle--1", "x_example_com_note": 1, "objects": [sound(1)], "spec_version": "2.1"}
    )
    document = report("-", stdin=text, code=2)
    assert document["bundles"] == 1 and document["objects"] == 1
    assert ("must", None, "S18", "/id") in found(document)
    assert {pointer for _, code, _, pointer in found(document) if code == 401} == {
        "/x_example_com_note", "/spec_version",
    }
    # Also what stands behind the objects is told with its place.
    places = {
        place["pointer"]: place["examples"][0]
        for group in document["groups"] for place in group["places"] if group["code"] == 401
    }
    for name in ("x_example_com_note", "spec_version"):
        assert places["/" + name]["byte"] == text.rindex(f'"{name}"')
    empty = report("-", stdin=json.dumps({"type": "bundle", "id": BUNDLE_ID, "objects": []}), code=2)
    assert {pointer for *_, pointer in found(empty)} == {"/objects"}
    assert report("-", stdin=json.dumps({"type": "bundle", "id": BUNDLE_ID}))["bundles"] == 1
    assert report("-", stdin=json.dumps({"type": "report", "objects": [sound(1)]}), code=2)["must"] == 1


def test_versions_that_come_twice():
    newer = sound(1, modified="2024-02-01T00:00:00.000Z")
    assert report("-", "--strict", stdin=bundle([sound(1), newer]))["valid"] is True
    document = report("-", stdin=bundle([sound(1), newer, sound(2), sound(1)]))
    assert found(document) == {("should", 203, "S28", "/modified")}
    # Two bundles may both bring it; two lines of one stream may not.
    assert report("-", "--strict", stdin=bundle([sound(1)]) + bundle([sound(1)]))["should"] == 0
    assert report("-", stdin=2 * (json.dumps(sound(1)) + "\n"))["should"] == 1


def test_enforced_references():
    named = {
        "type": "identity", "spec_version": "2.1", "id": IDENTITY, "name": "North", "identity_class": "organization",
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
    }
    by = sound(1, created_by_ref=IDENTITY)
    assert report("-", "--strict", stdin=bundle([by]))["valid"] is True
    document = report("-", "--enforce-refs", stdin=bundle([by, sound(2, created_by_ref=IDENTITY)]), code=2)
    assert found(document) == {("must", None, "S23", "/created_by_ref")}
    assert document["must"] == 2 and document["groups"][0]["places"][0]["examples"][0]["id"] == by["id"]
    # The order does not matter, nor in which bundle it stands; TLP markings are known to all.
    assert report("-", "--enforce-refs", stdin=bundle([by]) + bundle([named]))["valid"] is True
    assert report("-", "--enforce-refs", "--ignore", "S23", stdin=bundle([by]))["ignored"] == 1


@pytest.mark.parametrize("words", [["401"], ["extensions-use"], ["S71"], ["1,401"], ["302", "--ignore", "s71"]])
def test_ignore(words):
    assert report("-", "--strict", stdin=bundle([custom(1)]), code=2)["should"] == 1
    document = report("-", "--strict", "--ignore", *words, stdin=bundle([custom(1)]))
    assert (document["valid"], document["should"], document["ignored"]) == (True, 0, 1)


def test_strict_counts_recommendations():
    assert report("-", stdin=bundle([custom(1)]))["valid"] is True
    assert report("-", "--strict", stdin=bundle([custom(1)]), code=2)["valid"] is False
    assert report("-", "--strict", stdin=bundle([sound(1)]))["valid"] is True


def test_examples_are_as_many_as_asked_for():
    text = bundle([wrong(n) for n in range(10)])
    for asked, shown in (("0", 0), ("2", 2), ("50", 10)):
        document = report("-", "--examples", asked, stdin=text, code=2)
        assert len(document["groups"][0]["places"][0]["examples"]) == shown
        assert document["groups"][0]["count"] == 10
    assert len(report("-", stdin=text, code=2)["groups"][0]["places"][0]["examples"]) == 3


# -- exit codes


def test_exit_codes(put, tmp_path):
    good, bad, cut = put("g.json", bundle([sound(1)])), put("b.json", bundle([wrong(1)])), put("c.json", '{"objects": [{')
    for files, code in (
        ([good], 0), ([bad], 2), ([cut], 16), ([good, cut], 16), ([bad, cut], 18), ([cut, bad], 18),
        ([tmp_path / "none.json"], 16), ([tmp_path / "none.json", bad], 18), ([tmp_path / "none*"], 16),
    ):
        validate(*files, code=code)
        assert report(*files, code=code)["valid"] is (code == 0)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "no objects"),
        (b"{}", "no objects"),
        (b'{"objects": [{"b"', "truncated"),
        (b"not json at all", "expected"),
        (b'{"objects": [}', "expected"),
        (b'{"type": tru}', "byte"),
        (b'{"type": "x", "a": "\xff"}', "UTF-8"),
        (gzip.compress(b"{}" * 9999)[:-12], "too early"),
        (gzip.compress(b"[" + b" " * 9999)[:20] + b"x" * 900, "damaged"),
        (b"<html></html>", "expected"),
    ],
    ids=["empty", "nothing", "cut", "text", "brackets", "literal", "latin-1", "cut gzip", "broken gzip", "html"],
)
def test_what_cannot_be_read_is_16(put, content, words):
    path = put("in.json", content)
    document = report(path, code=16)
    (one,) = document["unreadable"]
    assert one["file"] == str(path) and words in one["detail"]
    assert f"unreadable: {path}" in validate(path, code=16).stdout


def test_what_came_before_a_break_is_checked(put):
    path = put("in.json", bundle([wrong(1), sound(2)])[:-2] + ",\n\n{]")
    document = report(path, code=18)
    assert (document["objects"], document["must"]) == (2, 1)
    assert (document["unreadable"][0]["line"], document["unreadable"][0]["byte"]) == (3, path.stat().st_size - 1)


@pytest.mark.parametrize(
    "args, words",
    [
        (["-", "--ignore", "999"], "999"),
        (["-", "--ignore", "401,,"], "--ignore"),
        (["-", "--spec", "2.2"], "--spec"),
        (["-", "--examples", "1000"], "--examples"),
        (["-", "-"], "once"),
        (["-", "--each-line", "--enforce-refs"], "--each-line"),
        ([], "files"),
    ],
)
def test_a_wrong_command_line(args, words):
    done = validate(*args, stdin="", code=2)
    assert done.stdout == "" and words in done.stderr


# -- each line


def lines_of(*args, stdin, code):
    return [json.loads(line) for line in validate("--each-line", "--json", *args, stdin=stdin, code=code).stdout.splitlines()]


def test_each_line_has_its_answer():
    text = "\n".join(
        [json.dumps(sound(1)), json.dumps(custom(2)), json.dumps(wrong(3)), "", "no json", bundle([sound(4), wrong(5)]), "7"]
    )
    answers = lines_of("-", stdin=text, code=2)
    assert [a["line"] for a in answers] == [1, 2, 3, 4, 5, 6, 7]
    assert [a["valid"] for a in answers] == [True, True, False, False, False, False, False]
    assert answers[0] == {"line": 1, "valid": True, "findings": []}
    (should,) = answers[1]["findings"]
    assert (should["level"], should["code"], should["rule"], should["pointer"]) == (
        "should", 401, "S71", "/x_example_com_score",
    )
    (must,) = answers[2]["findings"]
    assert (must["level"], must["code"], must["rule"], must["pointer"]) == ("must", None, "S33", "/valid_until")
    assert "valid_from" in must["message"]
    assert len(answers[3]["findings"]) == len(answers[4]["findings"]) == 1
    assert answers[5]["findings"][0]["pointer"] == "/objects/1/valid_until"


def test_each_line_with_the_other_options(put):
    text = json.dumps(custom(1)) + "\r\n" + json.dumps(wrong(2))
    assert [a["valid"] for a in lines_of("-", "--strict", stdin=text, code=2)] == [False, False]
    assert lines_of("-", "--ignore", "401,S33", stdin=text, code=0)[1] == {"line": 2, "valid": True, "findings": []}
    assert lines_of("-", stdin="", code=0) == []
    path = put("a.jsonl.gz", gzip.compress(text.encode()))
    answers = lines_of(path, "-", stdin=text, code=2)
    assert [(a["file"], a["line"]) for a in answers] == [
        (str(path), 1), (str(path), 2), ("standard input", 1), ("standard input", 2),
    ]
    done = validate("--each-line", "--json", path, path.parent / "none", code=18)
    assert len(done.stdout.splitlines()) == 2 and "none" in done.stderr
    shown = validate("--each-line", path, code=2).stdout
    assert f"{path}:2 (byte" in shown and "not sound: 2 objects" in shown


def test_answers_come_while_the_input_is_open():
    process = subprocess.Popen(
        [binary(), "validate", "--each-line", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    for number in (1, 2, 3):
        process.stdin.write(json.dumps(sound(number)).encode() + b"\n")
        process.stdin.flush()
        assert select.select([process.stdout], [], [], 60)[0], "no answer"
        assert json.loads(process.stdout.readline()) == {"line": number, "valid": True, "findings": []}
    process.stdin.close()
    process.stdout.close()
    assert process.wait(timeout=60) == 0


def test_answers_that_nobody_takes_end_it():
    process = subprocess.Popen(
        [binary(), "validate", "--each-line", "--json", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    process.stdout.close()
    _, words = process.communicate(json.dumps(sound(1)).encode() + b"\n", timeout=60)
    assert process.returncode == 5 and b"output" in words


# -- the report


def test_a_report_worth_reading(put):
    path = put("feed.json", json.dumps([sound(1), wrong(2), wrong(3), custom(4)], indent=2))
    shown = validate(path, code=2).stdout
    line = 1 + path.read_text().splitlines().index('    "valid_until": "2019-01-01T00:00:00Z"')
    byte = path.read_bytes().index(b'"valid_until"')
    lines = shown.splitlines()
    assert lines[0] == "MUST   S33  indicator (4.7): 2 findings in 2 objects"
    assert lines[1] == "  indicator /valid_until, 2 times"
    assert "valid_from" in lines[2]
    assert lines[3] == f"    {path}:{line} (byte {byte}) {wrong(2)['id']}"
    assert lines[4] == '    | "valid_until": "2019-01-01T00:00:00Z"'
    assert lines[5] == "SHOULD 401 S71  extensions-use: 1 finding in 1 object"
    assert lines[-1].startswith("not sound: 4 objects in 1 file; 2 with findings of level MUST, 1 with SHOULD only")
    assert validate(path, "--ignore", "S33,401").stdout.startswith("sound: 4 objects")


def test_the_report_in_the_readme_is_what_is_printed():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command, *expected = re.search(r"```text\n\$ (entente validate .*?)```", readme, re.S).group(1).splitlines()
    done = subprocess.run([binary(), *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    rest = iter(done.stdout.splitlines())
    for line in expected:
        # Lines may be left out where there is an ellipsis; those that are there stand in this order.
        assert line == "…" or any(shown.startswith(line) for shown in rest), line


def test_strangers_cannot_write_on_the_terminal(put):
    evil = sound(1, name="\x1b[2J\x07\u202egnp.exe", valid_until="\x1b]0;owned\x07")
    evil["type"] = evil["id"] = "\x1b[31mx"
    path = put("\x1bevil.json", json.dumps([evil], ensure_ascii=False))
    shown = validate(path, "--strict", code=2)
    each = validate("--each-line", "--json", path, code=2)
    for text in (shown.stdout, shown.stderr, each.stdout, each.stderr):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text), repr(text)


# -- size


def pieces_of_a_bundle(objects):
    yield b'{"type":"bundle","id":"%s","objects":[' % BUNDLE_ID.encode()
    made = json.dumps(sound(0), separators=(",", ":")).encode()
    before, after = made.split(sound(0)["id"].encode())
    for first in range(0, objects, 1000):
        yield b"".join(
            (b",\n" if number else b"\n") + before + b"indicator--%08x-0000-4000-8000-000000000000" % number + after
            for number in range(first, first + 1000)
        )
    yield b"]}"


def test_a_large_bundle_streams_in_bounded_memory(tmp_path):
    measured = Measured(
        tmp_path, "validate", "--strict", "--json", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process = measured.process
    size = 0
    for piece in pieces_of_a_bundle(450_000):
        size += process.stdin.write(piece)
    process.stdin.close()
    document = json.loads(process.stdout.read())
    process.stdout.close()
    code, peak = measured.end()
    assert code == 0
    assert size > 200e6
    assert (document["objects"], document["bundles"], document["bytes"]) == (450_000, 1, size)
    # Some bytes an object for versions that come twice, and what a chunk and an object take.
    assert peak < 100 << 10, "KiB"


def test_a_bomb_is_bounded(put, tmp_path):
    path = tmp_path / "bomb.json.gz"
    with gzip.open(path, "wb") as out:
        out.write(b'[{"type":"indicator","x":"')
        for _ in range(256):
            out.write(b"a" * (1 << 20))
        out.write(b'"}]')
    measured = Measured(tmp_path, "validate", str(path), stdout=subprocess.PIPE, text=True)
    words = measured.process.stdout.read()
    measured.process.stdout.close()
    code, peak = measured.end()
    assert code == 16 and "limit" in words
    assert peak < 200 << 10, "KiB"


def test_progress_and_ctrl_c():
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [binary(), "validate", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=slave
    )
    os.close(slave)
    seen = b""
    line = json.dumps(wrong(1)).encode() + b"\n"
    while not re.search(rb"checking: [1-9][0-9,]*.*[0-9]/s", seen):
        process.stdin.write(line * 100)
        process.stdin.flush()
        if select.select([master], [], [], 0)[0]:
            seen += os.read(master, 4096)
    process.send_signal(signal.SIGINT)
    # The input stays open: it is the signal that ends the waiting for more.
    document = json.loads(process.stdout.read())
    process.stdin.close()
    process.stdout.close()
    assert process.wait(timeout=60) == 130
    os.close(master)
    assert document["interrupted"] is True and document["valid"] is False
    assert document["objects"] > 0 and document["unreadable"] == []
    (group,) = [group for group in document["groups"] if group["rule"] == "S33"]
    assert group["count"] == document["objects"]


def test_progress_line_by_line():
    shown = validate("--progress", "-", stdin=bundle([sound(1)]))
    assert shown.stderr == "" or re.fullmatch(r"(checking: .*\n)+", shown.stderr)


# -- real data


def stix_files(root):
    for folder in VERDICTS["folders"]:
        for path in sorted((root / folder).rglob("*")):
            if path.name.endswith((".json", ".stix2", ".json.xz")):
                yield path


def test_the_verdict_on_every_real_file(shared_data):
    files = list(stix_files(shared_data))
    assert len(files) > 100
    known = VERDICTS["broken"]
    document = report("--examples", "1", *files, code=2)
    assert document["unreadable"] == []
    broken = {str(Path(entry["file"]).relative_to(shared_data)) for entry in document["inputs"] if entry["must"]}
    present = {str(path.relative_to(shared_data)) for path in files}
    assert broken - set(known) == set(), "sound by what is known"
    assert (set(known) & present) - broken == set(), "broken by what is known"


@pytest.mark.parametrize("path", sorted(VERDICTS["broken"]))
def test_the_rules_that_real_files_break(shared_data, path):
    if not (shared_data / path).exists():
        pytest.skip("not among the data here")
    document = report(shared_data / path, code=2)
    rules = {group["rule"] for group in document["groups"] if group["level"] == "must"}
    assert rules == set(VERDICTS["broken"][path].split())
