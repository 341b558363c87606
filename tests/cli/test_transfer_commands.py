"""import, export, explain, check, quarantine: objects in and out of a directory."""

import gzip
import json
import lzma
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess

import pytest

from support.node import Measured, binary, indicator

RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def failed(done, code, *words):
    assert done.returncode == code, done.stdout + done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    return done


@pytest.fixture
def ready(node):
    """A node with the collection C, a partner's reader `siem` up to TLP:AMBER, and the admin's rights."""
    node.run("party", "add", "South")
    node.run("user", "add", "siem", "--party", "South", "--no-password")
    node.collection("C", "--alias", "c")
    node.grant("c", "--party", "South", "--read")
    return node


def bundle(objects):
    return json.dumps({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": objects})


def load(node, text, *args, name="in.json", check=True, **options):
    path = node.directory.parent / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = node.run("import", path, "--collection", "c", "--json", *args, check=check, **options)
    return json.loads(done.stdout) if done.stdout else done


def exported(node, *args, user="siem"):
    done = node.run("export", "--for", user, "--collection", "c", *args, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- import


@pytest.mark.parametrize(
    "form",
    [
        lambda objects: bundle(objects),
        lambda objects: json.dumps({"objects": objects}),
        lambda objects: json.dumps(objects, indent=2),
        lambda objects: "\n".join(json.dumps(o) for o in objects) + "\n",
        lambda objects: gzip.compress(bundle(objects).encode()),
        lambda objects: lzma.compress(bundle(objects).encode()),
    ],
    ids=["bundle", "envelope", "list", "lines", "gz", "xz"],
)
def test_import_reads_what_lies_around(ready, form):
    report = load(ready, form([indicator(1), indicator(2)]))
    assert (report["accepted"], report["already_there"], report["refused"]) == (2, 0, 0)
    assert [o["id"] for o in exported(ready)] == [indicator(1)["id"], indicator(2)["id"]]
    assert load(ready, form([indicator(1), indicator(3)]))["already_there"] == 1


def test_import_reads_zstd(ready, tmp_path):
    path = tmp_path / "in.zst"
    done = subprocess.run(["zstd", "-q", "-o", path], input=bundle([indicator(1)]).encode(), check=False)
    if done.returncode != 0:
        pytest.skip("no zstd program to make the input with")
    assert ready.json("import", path, "--collection", "c")["accepted"] == 1


def test_import_reads_standard_input(ready):
    done = ready.run("import", "-", "--collection", "c", "--json", stdin=bundle([indicator(1)]))
    assert json.loads(done.stdout)["accepted"] == 1
    failed(ready.run("import", "-", "-", "--collection", "c", check=False), 2, "once")


def test_import_refuses_bad_objects_one_by_one(ready):
    good = json.dumps(indicator(1))
    twice = good.replace('"name"', '"id": "x", "name"', 1)
    text = f'{{"objects": [17, {good}, {{"type": "indicator"}}, {twice}, {{"a": tru}}, {json.dumps(indicator(2))}]}}'
    report = load(ready, text, check=False)
    assert report["accepted"] == 2 and report["refused"] == 4
    assert sum(r["count"] for r in report["reasons"]) == 4
    assert [f["where"].split(" byte ")[1] for f in report["failures"]]
    assert len(exported(ready)) == 2
    done = ready.run("import", ready.directory.parent / "in.json", "--collection", "c", check=False)
    assert done.returncode == 3
    assert "2 already there, 4 refused" in done.stdout
    assert done.stdout.count("refused ") >= 4


@pytest.mark.parametrize(
    "text",
    [b"", b"{", bundle([indicator(1), indicator(2)])[:-20].encode(), gzip.compress(b"[]" * 99)[:-9], b"<html>"],
    ids=["empty", "open", "cut", "cut gzip", "html"],
)
def test_a_damaged_file_imports_nothing(ready, text):
    good = ready.directory.parent / "good.json"
    good.write_text(bundle([indicator(7)]))
    path = ready.directory.parent / "bad.json"
    path.write_bytes(text)
    done = failed(ready.run("import", good, path, "--collection", "c", "--json", check=False), 3, "bad.json")
    assert done.stdout == ""
    assert exported(ready) == []


def test_import_needs_a_place_a_file_and_the_right(ready):
    path = ready.directory.parent / "in.json"
    path.write_text(bundle([indicator(1)]))
    failed(ready.run("import", path, check=False), 2, "--collection")
    failed(ready.run("import", path, "--collection", "none", check=False), 4, "entente collection list")
    failed(ready.run("import", path.parent / "missing", "--collection", "c", check=False), 4, "missing")
    failed(ready.run("import", path.parent, "--collection", "c", check=False), 2, "directory")
    failed(ready.run("import", path, "--collection", "c", "--as", "siem", check=False), 4, "entente grant add")
    failed(ready.run("import", path, "--collection", "c", "--as", "nobody", check=False), 4, "entente user list")
    failed(ready.run("import", path, "--collection", "c", "--format", "csv", check=False), 2, "medallion")
    assert exported(ready) == []


def test_a_bomb_is_refused(ready):
    # A few KiB that unfold to one object of 256 MiB: refused at 16 MiB, in memory that does not follow it.
    path = ready.directory.parent / "bomb.gz"
    with gzip.open(path, "wb") as out:
        out.write(b'{"type":"indicator","x":"')
        for _ in range(256):
            out.write(b"a" * (1 << 20))
        out.write(b'"}')
    measured = Measured(
        ready.directory.parent, "import", str(path), "--collection", "c", "--data", str(ready.directory),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    words = measured.process.stderr.read()
    measured.process.stderr.close()
    code, peak = measured.end()
    assert code == 3 and "limit" in words
    assert peak < 200 << 10, "KiB"


def test_statement_markings_resolve_wherever_they_stand(ready):
    marking = {
        "type": "marking-definition", "spec_version": "2.1", "created": "2024-01-01T00:00:00.000Z",
        "id": "marking-definition--11111111-1111-4111-8111-111111111111",
        "definition_type": "statement", "definition": {"statement": "Copyright North"},
    }
    marked = indicator(1, object_marking_refs=[GREEN, marking["id"]])
    load(ready, bundle([marked, marking]))
    assert {o["id"] for o in exported(ready)} == {marked["id"], marking["id"]}


def test_what_a_relationship_names_comes_before_it(ready):
    # The end that South may not see is in the file behind the relationship that names it, a batch later.
    red = indicator(1, object_marking_refs=[RED])
    many = [indicator(n) for n in range(100, 1300)]
    relationship = {
        "type": "relationship", "spec_version": "2.1", "id": "relationship--22222222-2222-4222-8222-222222222222",
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
        "relationship_type": "related-to", "source_ref": many[0]["id"], "target_ref": red["id"],
        "object_marking_refs": [GREEN],
    }
    assert load(ready, bundle([relationship, *many, red]))["accepted"] == 1202
    got = {o["id"] for o in exported(ready)}
    assert relationship["id"] not in got and red["id"] not in got
    assert len(got) == 1200


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_files_that_do_not_fit_in_memory_are_read_again(ready, tmp_path, source):
    # 70 MiB: a plain file is put in order all the same; standard input is taken as it comes, and nothing is lost.
    red = indicator(1, object_marking_refs=[RED])
    relationship = {
        "type": "relationship", "spec_version": "2.1", "id": "relationship--22222222-2222-4222-8222-222222222222",
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
        "relationship_type": "related-to", "source_ref": indicator(100)["id"], "target_ref": red["id"],
        "object_marking_refs": [GREEN],
    }
    path = tmp_path / "big.jsonl"
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(relationship) + "\n")
        for number in range(100, 170):
            out.write(json.dumps(indicator(number, description="x" * (1 << 20))) + "\n")
        out.write(json.dumps(red) + "\n")
    if source == "file":
        report = ready.json("import", path, "--collection", "c")
        assert relationship["id"] not in {o["id"] for o in exported(ready, "--match-type", "relationship")}
    else:
        with open(path, encoding="utf-8") as text:
            done = subprocess.run(
                [binary(), "import", "-", "--collection", "c", "--json", "--data", str(ready.directory)],
                stdin=text, stdout=subprocess.PIPE, check=True,
            )
        report = json.loads(done.stdout)
    assert (report["accepted"], report["refused"]) == (72, 0)


def test_ctrl_c_stops_import_after_a_whole_batch(ready, tmp_path):
    path = tmp_path / "big.jsonl"
    with open(path, "w", encoding="utf-8") as out:
        for number in range(200_000):
            out.write(json.dumps(indicator(number)) + "\n")
    # A terminal as standard error makes it tell progress, which says when it is in the middle.
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [binary(), "import", str(path), "--collection", "c", "--json", "--data", str(ready.directory)],
        stdout=subprocess.PIPE, stderr=slave, text=True,
    )
    os.close(slave)
    seen = b""
    while not re.search(rb"importing: [1-9]", seen):
        assert select.select([master], [], [], 120)[0], "no progress"
        seen += os.read(master, 4096)
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=120)
    os.close(master)
    assert process.returncode == 130
    report = json.loads(stdout)
    assert report["interrupted"] is True
    accepted = report["accepted"]
    assert 0 < accepted < 200_000 and accepted % 1000 == 0
    assert len(exported(ready)) == accepted, "what was reported is there, and nothing else"
    assert ready.run("check").returncode == 0


def test_ctrl_c_while_waiting_for_input(ready):
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [binary(), "import", "-", "--collection", "c", "--data", str(ready.directory)],
        stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    os.close(reader)
    # A pipe takes 64 KiB; once the write of more returns, the program is reading and waits for the rest.
    os.write(writer, b"[" + b" " * 200_000)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    os.close(writer)
    assert process.returncode == 130


def test_an_import_that_lasts_keeps_no_reader_in_the_log(ready):
    # A snapshot held from the beginning would let the log grow to its limit and end there.
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [binary(), "import", "-", "--collection", "c", "--data", str(ready.directory)],
        stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    os.close(reader)
    os.write(writer, b"[" + b" " * 200_000)  # as below: it is reading, and waits for the rest
    ready.collection("D")
    database = sqlite3.connect(next(ready.directory.glob("*.db")), timeout=5)
    blocked, left, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    database.close()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    os.close(writer)
    assert (blocked, left) == (0, 0), "something keeps the log from being cut off"


# -- export


def test_export_gives_what_the_user_may_have(ready):
    unmarked = indicator(3)
    del unmarked["object_marking_refs"]
    load(ready, bundle([indicator(1), indicator(2, object_marking_refs=[RED]), unmarked]))
    assert [o["id"] for o in exported(ready)] == [indicator(1)["id"], unmarked["id"]]
    assert len(exported(ready, user="admin")) == 3
    ready.run("grant", "remove", "c", "--party", "South")
    failed(ready.run("export", "--for", "siem", "--collection", "c", check=False), 4, "may not read")


def test_export_returns_the_bytes_that_came(ready):
    text = json.dumps(indicator(1))[:-1] + ', "x_n": 1.50e+3, "x_u": "\\u00e9/\\/"}'
    load(ready, '{"objects": [' + text + "]}")
    done = ready.run("export", "--for", "siem", "--collection", "c")
    assert '"x_n":1.50e+3,"x_u":"\\u00e9/\\/"}' in done.stdout


def test_export_filters(ready):
    load(ready, bundle([
        indicator(1), indicator(1, "2024-02-01T00:00:00.000Z"),
        {"type": "ipv4-addr", "spec_version": "2.1", "id": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
         "value": "198.51.100.3"},
    ]))
    assert len(exported(ready)) == 2
    assert len(exported(ready, "--version", "all")) == 3
    assert [o["modified"] for o in exported(ready, "--version", "first", "--match-type", "indicator")] == [
        "2024-01-01T00:00:00.000Z"]
    assert len(exported(ready, "--version", "2024-02-01T00:00:00Z")) == 1
    assert len(exported(ready, "--match-type", "indicator", "--match-type", "ipv4-addr")) == 2
    assert len(exported(ready, "--match-id", indicator(1)["id"])) == 1
    assert exported(ready, "--added-after", "2999-01-01T00:00:00Z") == []
    done = ready.run("export", "--for", "siem", "--collection", "c", "--match-type", "tool", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    failed(ready.run("export", "--for", "siem", "--collection", "c", "--version", "new", check=False), 2, "last")


def test_export_writes_bundles_and_files(ready, tmp_path):
    load(ready, bundle([indicator(1), indicator(2)]))
    out = tmp_path / "out.json"
    report = ready.json("export", "--for", "siem", "--collection", "c", "--format", "bundle", "--out", out)
    assert report["objects"] == 2
    got = json.loads(out.read_text())
    assert got["type"] == "bundle" and got["id"].startswith("bundle--") and len(got["objects"]) == 2
    assert os.stat(out).st_mode & 0o077 == 0
    empty = ready.run(
        "export", "--for", "siem", "--collection", "c", "--format", "bundle", "--match-type", "tool", check=False
    )
    assert "objects" not in json.loads(empty.stdout) and empty.returncode == 1
    failed(ready.run("export", "--for", "siem", "--collection", "c", "--json", check=False), 2, "--out")
    failed(
        ready.run("export", "--for", "siem", "--collection", "c", "--out", tmp_path / "no" / "x", check=False), 4, "no/x"
    )
    assert [p.name for p in tmp_path.glob("*.part")] == []


def test_a_full_disk_is_exit_5(ready):
    load(ready, bundle([indicator(1)]))
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [binary(), "export", "--for", "siem", "--collection", "c", "--data", str(ready.directory)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )
    assert done.returncode == 5 and "No space left" in done.stderr


# -- check


def test_check(ready):
    load(ready, bundle([indicator(1)]))
    assert ready.json("check")["findings"] == []
    assert "all in order" in ready.run("check").stdout


# -- quarantine


def over_marked(ready):
    ready.run("user", "add", "feed", "--party", "South", "--role", "publisher", "--no-password")
    ready.grant("c", "--user", "feed", "--write", "--max-marking", "TLP:GREEN")
    report = load(ready, bundle([indicator(1, object_marking_refs=[RED]), indicator(2)]), "--as", "feed", check=False)
    assert (report["accepted"], report["refused"]) == (1, 1)
    return json.loads(ready.run("quarantine", "list", "--json").stdout)


def test_quarantine_accept(ready):
    item = over_marked(ready)
    assert item["id"] == indicator(1)["id"] and item["party"] == "South" and item["state"] == "waiting"
    assert str(item["number"]) in ready.run("quarantine", "list").stdout
    shown = ready.json("quarantine", "show", item["number"])
    assert json.loads(shown["object"])["id"] == indicator(1)["id"]
    assert ready.json("quarantine", "accept", item["number"]) == {"accepted": [item["number"]]}
    assert {o["id"] for o in exported(ready, user="admin")} == {indicator(1)["id"], indicator(2)["id"]}
    assert ready.run("quarantine", "list", "--json").stdout == ""
    assert json.loads(ready.run("quarantine", "list", "--all", "--json").stdout)["state"] == "accepted"
    failed(ready.run("quarantine", "accept", item["number"], check=False), 4)


def test_quarantine_refuse_is_all_or_none(ready):
    item = over_marked(ready)
    failed(ready.run("quarantine", "refuse", item["number"], 999, check=False), 4, "item 999")
    assert ready.json("quarantine", "show", item["number"])["state"] == "waiting"
    ready.run("quarantine", "refuse", item["number"])
    assert len(exported(ready, user="admin")) == 1
    failed(ready.run("quarantine", "show", 999, check=False), 4, "entente quarantine list")
