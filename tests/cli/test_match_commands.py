"""`entente match`: indicators looked for in events of every format, files that grow and rotate."""

import gzip
import json
import lzma
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from support.node import binary, entente

CLI = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
NORTH = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"


def indicator(number, pattern, **more):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08x}-0000-4000-8000-000000000000",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        **more,
    }


def dns(name, at="2026-02-01T00:00:00.000000+0000"):
    return json.dumps({"timestamp": at, "event_type": "dns", "src_ip": "10.0.0.1", "dest_ip": "10.0.0.2",
                       "dns": {"version": 2, "type": "query", "rrname": name, "rrtype": "A"}})


@pytest.fixture
def feed(tmp_path):
    path = tmp_path / "feed.json"
    path.write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "identity", "id": NORTH, "name": "North CERT"},
        indicator(1, "[domain-name:value = 'evil.example']", name="C2 \u001b[31m", created_by_ref=NORTH, object_marking_refs=[AMBER]),
        indicator(2, "[ipv4-addr:value ISSUBSET '192.0.2.0/24']"),
        indicator(3, "[domain-name:value = 'old.example']"),
        indicator(3, "[domain-name:value = 'old.example']", revoked=True, modified="2026-01-02T00:00:00.000Z"),
        indicator(4, "alert ip any any", pattern_type="suricata"),
        indicator(5, "[domain-name:value = ]"),
        indicator(6, "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example'] WITHIN 60 SECONDS"),
    ]}), encoding="utf-8")
    return path


def run(*args, stdin=None):
    return entente("match", *args, stdin=stdin, check=False)


def write(path, lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_help_has_examples_and_the_page_has_every_option():
    text = entente("match", "--help").stdout
    assert "Examples:" in text
    section = CLI.split("\n## match\n")[1].split("\n## ")[0]
    for option in set(re.findall(r"^  (?:-h,)?(--[a-z0-9-]+)", text, re.M)) - {"--help", "--json", "--data", "--progress"}:
        assert option in section, option


def test_a_hit_per_line_says_what_who_and_under_which_marking(feed, tmp_path):
    events = write(tmp_path / "eve.json", [dns("good.example"), dns("Evil.Example."), dns("old.example"), "{broken", dns("a.example"), dns("b.example")])
    done = run("--indicators", feed, events)
    assert done.returncode == 0
    first, second = done.stdout.splitlines()
    assert first == (f"{events}:2: 2026-02-01T00:00:00.000000Z  domain-name:value = evil.example  "
                     "indicator--00000001-0000-4000-8000-000000000000  C2 \\u{001b}[31m  North CERT  TLP:AMBER")
    assert "indicator--00000006" in second and second.endswith("(lines 5, 6)")
    assert "3 indicators, 1 revoked, 1 in another language than STIX patterns, 1 of several versions, 1 left out" in done.stderr
    assert f"{events}:4: no JSON object" in done.stderr
    assert "5 events, 2 hits" in done.stderr and "1 could not be read" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_programs_get_an_object_a_hit_and_the_totals_last(feed, tmp_path):
    events = write(tmp_path / "eve.json", [dns("evil.example"), dns("good.example")])
    done = run("--indicators", feed, events, "--json")
    hit, totals = [json.loads(line) for line in done.stdout.splitlines()]
    assert hit == {"input": str(events), "line": 1, "time": "2026-02-01T00:00:00.000000Z", "path": "domain-name:value", "value": "evil.example",
                   "indicator": "indicator--00000001-0000-4000-8000-000000000000", "name": "C2 \u001b[31m",
                   "pattern": "[domain-name:value = 'evil.example']", "created_by": "North CERT", "marking": "TLP:AMBER"}
    assert totals["events"] == 2 and totals["hits"] == 1 and totals["indicators"] == 3 and totals["left_out"] == 1


def test_exit_codes(feed, tmp_path):
    events = write(tmp_path / "eve.json", [dns("good.example")])
    assert run("--indicators", feed, events).returncode == 1
    assert run("--indicators", feed, tmp_path / "no.json").returncode == 4
    assert run("--indicators", tmp_path / "no.json", events).returncode == 4
    for args, words in (
        (["--format", "nonsense", "--indicators", feed, events], "expected auto, eve, zeek"),
        ([events], "--indicators"),
        (["--indicators", feed], "in which events"),
        (["--indicators", "-", "-"], "can be read once"),
        (["--indicators", feed, "--follow", "-"], "--follow is for files"),
    ):
        done = run(*args, stdin="")
        assert done.returncode == 2 and words in done.stderr, (args, done.stderr)
    nothing = write(tmp_path / "none.txt", ["not a value at all"])
    done = run("--indicators", nothing, events)
    assert done.returncode == 3 and "no indicator that can be looked for" in done.stderr
    assert run("--indicators", feed, "--format", "eve", write(tmp_path / "bad.json", ["{", "x"])).returncode == 3


def test_an_indicator_is_replaced_by_its_creators_newer_version_alone(tmp_path):
    south = "identity--8e3c3e5d-5f3a-4f0e-9a3e-2d4f4b6e7c11"
    later, latest = "2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z"
    of = lambda name: f"[domain-name:value = '{name}']"  # noqa: E731
    unnamed = [indicator(9, of(f"unnamed{n}.example")) for n in range(2)]
    for one in unnamed:
        del one["id"]
    objects = [
        # Neither taken back nor replaced by somebody else.
        indicator(1, of("kept.example"), created_by_ref=NORTH),
        indicator(1, of("kept.example"), created_by_ref=south, modified=later, revoked=True),
        indicator(1, of("beside.example"), modified=latest),
        # A newer one that cannot be read, or is in another language, brings no older one back.
        indicator(2, of("first.example")),
        indicator(2, "[domain-name:value = ]", modified=latest),
        indicator(2, of("second.example"), modified=later),
        indicator(3, of("third.example")),
        indicator(3, "alert ip any any", pattern_type="suricata", modified=later),
        indicator(4, of("fourth.example"), valid_until="whenever"),
        indicator(5, of("fifth.example"), revoked="yes"),
        *unnamed,
    ]
    path = tmp_path / "two.json"
    names = ["kept", "beside", "first", "second", "third", "fourth", "fifth", "unnamed0", "unnamed1"]
    events = write(tmp_path / "eve.json", [dns(f"{name}.example") for name in names])
    for some in (objects, objects[:3][::-1] + objects[3:]):
        path.write_text(json.dumps(some), encoding="utf-8")
        done = run("--indicators", path, events, "--json")
        hits = [json.loads(line)["value"] for line in done.stdout.splitlines()[:-1]]
        assert hits == ["kept.example", "beside.example", "unnamed0.example", "unnamed1.example"]
        assert "indicator--00000001-0000-4000-8000-000000000000 comes from several creators" in done.stderr
        assert "/valid_until: no timestamp" in done.stderr


def test_a_list_of_values_and_names_below_them(tmp_path):
    trails = write(tmp_path / "trails.tsv", ["# ours", "Evil[.]example\tmalware/ours", "192.0.2.0/24", "hxxp://a.example/x", "10.9.8.7:443"])
    seen = write(tmp_path / "seen.txt", ["www.evil.example", "evil.example", "192.0.2.9", "http://A.example:80/x", "10.9.8.7"])
    done = run("--indicators", trails, seen)
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in done.stdout.splitlines()] == ["2", "3", "4"]
    assert "malware/ours" in done.stdout.splitlines()[0]
    done = run("--indicators", trails, "--subdomains", seen)
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in done.stdout.splitlines()] == ["1", "2", "3", "4"]


def test_validity_counts_unless_history_is_asked_for(feed, tmp_path):
    events = write(tmp_path / "eve.json", [dns("evil.example", at="2020-02-01T00:00:00.000000+0000")])
    done = run("--indicators", feed, events)
    assert done.returncode == 1 and "not valid then (see --history)" in done.stderr
    assert run("--indicators", feed, events, "--history").returncode == 0


def test_what_is_compressed_is_read_and_standard_input_too(feed, tmp_path):
    text = (dns("evil.example") + "\n").encode()
    (tmp_path / "a.gz").write_bytes(gzip.compress(text) + gzip.compress(text))
    (tmp_path / "b.xz").write_bytes(lzma.compress(text))
    subprocess.run(["zstd", "-q", "-", "-o", tmp_path / "c.zst"], input=text, check=True)
    done = run("--indicators", feed, tmp_path / "a.gz", tmp_path / "b.xz", tmp_path / "c.zst", "-", stdin=dns("evil.example"))
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 5 and "standard input:1: " in done.stdout


def test_hits_come_in_the_order_of_the_files_however_many_are_read_at_once(feed, tmp_path):
    good, evil = dns("good.example") + "\n", dns("evil.example") + "\n"
    first = tmp_path / "00.json"
    first.write_text(good * 20_000 + evil, encoding="utf-8")
    files = [first]
    for number in range(1, 300):  # more than are read before their turn
        files.append(tmp_path / f"{number:02}.json")
        files[-1].write_text((good + evil) * (2_000 if number == 7 else 1), encoding="utf-8")
    done = run("--indicators", feed, *files)
    told = [line.split(": ")[0].rsplit(":", 1) for line in done.stdout.splitlines()]
    expected = [[str(first), "20001"]]
    for number, path in enumerate(files[1:], 1):
        expected += [[str(path), str(line * 2 + 2)] for line in range(2_000 if number == 7 else 1)]
    assert told == expected
    assert "24,597 events, 2,299 hits" in done.stderr
    # What is behind one that cannot be read is not told.
    files[9] = tmp_path / "cut.gz"
    files[9].write_bytes(gzip.compress((evil * 100).encode())[:-9])
    files[4].write_text(good + evil + "{broken\n", encoding="utf-8")
    done = run("--indicators", feed, *files)
    told = [line.split(": ")[0].rsplit(":", 1) for line in done.stdout.splitlines()]
    assert done.returncode == 3 and f"{files[9]}: the gzip data is damaged: it ends too early" in done.stderr
    assert [one for one in told if one[0] != str(files[9])] == [one for one in expected if int(Path(one[0]).stem) < 9]
    assert done.stderr.count("no JSON object") == 1


ZEEK = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n#types\ttime\taddr\tstring\n1780000000.0\t10.0.0.1\tevil.example\n"
FORMATS = {
    "zeek-tsv": ZEEK,
    "zeek": '{"_path":"dns","ts":1780000000.0,"query":"evil.example"}\n',
    "ecs": '{"@timestamp":"2026-06-01T00:00:00Z","dns":{"question":{"name":"evil.example"}}}\n',
    "ocsf": '{"class_uid":4003,"time":1780000000000,"query":{"hostname":"evil.example"}}\n',
    "sysmon": '{"EventID":22,"Channel":"Microsoft-Windows-Sysmon/Operational","QueryName":"evil.example","UtcTime":"2026-06-01 00:00:00.0"}\n',
    "plain": "evil.example\n",
    "array": "[" + dns("good.example") + ",\n" + dns("evil.example") + "]\n",
    "pretty": json.dumps(json.loads(dns("evil.example")), indent=1),
    "observed-data": json.dumps({"type": "bundle", "id": "bundle--2", "objects": [{
        "type": "observed-data", "number_observed": 1, "first_observed": "2026-06-01T00:00:00Z", "last_observed": "2026-06-01T00:00:00Z",
        "objects": {"0": {"type": "domain-name", "value": "evil.example"}}}]}, indent=2),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_told_apart(feed, tmp_path, name):
    path = tmp_path / name
    path.write_text(FORMATS[name], encoding="utf-8")
    done = run("--indicators", feed, path)
    assert done.returncode == 0 and "domain-name:value = evil.example" in done.stdout, (done.stdout, done.stderr)


def test_further_fields_are_named_in_a_file(feed, tmp_path):
    events = write(tmp_path / "ours.json", ['{"when":"2026-06-01T00:00:00Z","peer":{"name":"evil.example"}}'])
    ours = write(tmp_path / "fields", ["# ours", "json peer.name domain-name:value", "json when time"])
    done = run("--indicators", feed, "--fields", ours, "--format", "json", events)
    assert done.returncode == 0 and "2026-06-01T00:00:00.000000Z  domain-name:value = evil.example" in done.stdout
    done = run("--indicators", feed, "--fields", write(ours, ["json peer.name", ""]), "--format", "json", events)
    assert done.returncode == 3 and f"{ours}: line 1: expected a format" in done.stderr
    table = run("--print-fields")
    assert table.returncode == 0 and "zeek query query" in table.stdout
    (tmp_path / "all").write_text(table.stdout)
    assert run("--indicators", feed, "--fields", tmp_path / "all", events, "--format", "json").returncode == 1


def test_a_file_that_rotates_is_followed(feed, tmp_path):
    path = tmp_path / "eve.json"
    write(path, [dns("good.example"), dns("evil.example")])
    process = subprocess.Popen(
        [binary(), "match", "--indicators", str(feed), "--follow", "--json", str(path), str(tmp_path / "later.json")],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    try:
        assert json.loads(process.stdout.readline())["line"] == 2
        with path.open("a", encoding="utf-8") as more:
            more.write(dns("good.example") + "\n" + dns("evil.example")[:30])
            more.flush()
            more.write(dns("evil.example")[30:] + "\n")
        assert json.loads(process.stdout.readline())["line"] == 4
        # Put aside with one more line, and a pattern that waits for the second half.
        path.rename(tmp_path / "eve.json.1")
        with (tmp_path / "eve.json.1").open("a", encoding="utf-8") as more:
            more.write(dns("a.example") + "\n")
        write(path, [dns("b.example"), dns("good.example"), dns("good.example")])
        hit = json.loads(process.stdout.readline())
        assert hit["indicator"].startswith("indicator--00000006") and hit["line"] == 1
        write(tmp_path / "later.json", [dns("evil.example")])
        assert json.loads(process.stdout.readline())["input"].endswith("later.json")
        # Cut short in place, as copytruncate does.
        os.truncate(path, 0)
        with path.open("a", encoding="utf-8") as more:
            more.write(dns("evil.example") + "\n")
        assert json.loads(process.stdout.readline())["line"] == 1
        process.send_signal(signal.SIGTERM)
        totals = json.loads(process.stdout.readline())
        assert totals["hits"] == 5 and totals["unreadable"] == 0
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()


def test_real_events_against_real_lists(shared_data):
    """Suricata's and Zeek's logs, and what hits there."""
    data = shared_data
    events = [data / "suricata-eve-suricatalog" / "eve_large-nostats.jsonl.xz", *sorted((data / "zeek-zed-sample-data").glob("zeek-*/dns.*.gz"))]
    done = run("--indicators", data / "ipsum" / "ipsum.txt.gz", *events, "--json")
    assert done.returncode in (0, 1), done.stderr
    totals = json.loads(done.stdout.splitlines()[-1])
    assert totals["indicators"] > 10_000 and totals["events"] > 13_000 and totals["unreadable"] == 0 and totals["cut"] == 0
