"""push and pull against other programs' servers, unmodified."""

import gzip
import json
import lzma

import pytest
from support.node import indicator

BOTH = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"


def write_bundle(path, objects):
    path.write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}), encoding="utf-8")
    return path


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ids(objects):
    return sorted(made["id"] for made in objects)


@pytest.fixture(params=["medallion", "opentaxii"])
def peer(request):
    peer = request.getfixturevalue(request.param)
    peer.name = request.param
    peer.collection = "Both"
    return peer


def test_objects_go_and_come_back(run, peer, tmp_path):
    sent = [indicator(i) for i in range(137)]
    file = write_bundle(tmp_path / "in.json", sent)
    pushed = run("push", file, peer.url, "--collection", peer.collection, "--json", env=peer.env)
    assert pushed.code == 0, pushed.err
    summary = json.loads(pushed.out)
    assert (summary["accepted"], summary["refused"], summary["complete"]) == (137, 0, True)
    # Both say that a request may have 20,000 bytes; these are more than 60,000.
    assert summary["requests"] >= 4

    out = tmp_path / "out.jsonl"
    pulled = run(
        "pull", peer.url, "--collection", peer.collection, "--out", out, "--limit", 13, "--json", env=peer.env
    )
    assert pulled.code == 0, pulled.err
    assert json.loads(pulled.out)["accepted"] == 137
    assert json.loads(pulled.out)["pages"] >= 10
    got = sorted(lines(out), key=lambda made: made["id"])
    if peer.name == "opentaxii":
        for made in got:
            # Version 0.9.3 writes the type there.
            assert made["spec_version"] == "indicator"
            made["spec_version"] = "2.1"
    assert got == sent


def test_a_pull_that_is_cut_short_goes_on(run, peer, tmp_path):
    sent = [indicator(i) for i in range(60)]
    run("push", write_bundle(tmp_path / "in.json", sent), peer.url, "--collection", peer.collection, env=peer.env)
    out, state = tmp_path / "out.jsonl", tmp_path / "state"
    words = ["pull", peer.url, "--collection", peer.collection, "--out", out, "--state", state, "--limit", 10]
    cut = run(*words, "--max-pages", 2, env=peer.env)
    assert cut.code == 5 and "2 pages" in cut.err
    assert 0 < len(lines(out)) <= 20
    rest = run(*words, env=peer.env)
    assert rest.code == 0, rest.err
    assert ids(lines(out)) == ids(sent)
    # And later only what is new.
    more = [indicator(i) for i in range(1000, 1005)]
    run("push", write_bundle(tmp_path / "more.json", more), peer.url, "--collection", peer.collection, env=peer.env)
    again = run(*words, "--json", env=peer.env)
    assert again.code == 0, again.err
    assert json.loads(again.out)["accepted"] == 5
    assert ids(lines(out)) == ids(sent + more)


def test_a_page_that_was_written_but_not_noted_comes_once(run, peer, tmp_path):
    sent = [indicator(i) for i in range(40)]
    run("push", write_bundle(tmp_path / "in.json", sent), peer.url, "--collection", peer.collection, env=peer.env)
    out, state = tmp_path / "out.jsonl", tmp_path / "state"
    words = ["pull", peer.url, "--collection", peer.collection, "--out", out, "--state", state, "--limit", 10]
    assert run(*words, "--max-pages", 1, env=peer.env).code == 5
    noted = state.read_bytes()
    assert run(*words, "--max-pages", 1, env=peer.env).code == 5
    # As a kill between the two writes leaves it, in the middle of a line.
    state.write_bytes(noted)
    with open(out, "ab") as torn:
        torn.write(b'{"type":"indicator","id":"indicator--')
    assert run(*words, env=peer.env).code == 0
    assert ids(lines(out)) == ids(sent)


def test_a_bad_object_loses_no_other(run, peer, tmp_path):
    sent = [indicator(i) for i in range(30)]
    # medallion falls over an object without an id; OpenTAXII answers 400 to the whole for one that breaks the standard.
    bad = dict(sent[0]) if peer.name == "opentaxii" else {"type": "indicator", "name": "nothing else"}
    if peer.name == "opentaxii":
        bad.update(id="indicator--not-a-uuid")
    file = write_bundle(tmp_path / "in.json", sent[:11] + [bad] + sent[11:])
    pushed = run("push", file, peer.url, "--collection", peer.collection, "--json", env=peer.env)
    assert pushed.code == 3, pushed.err
    summary = json.loads(pushed.out)
    assert summary["refused"] >= 1
    out = tmp_path / "out.jsonl"
    assert run("pull", peer.url, "--collection", peer.collection, "--out", out, env=peer.env).code == 0
    assert ids(lines(out)) == ids(sent)


def test_filters(run, peer, tmp_path):
    sent = [indicator(1), indicator(2), {
        "type": "identity", "spec_version": "2.1", "id": "identity--00000003-0000-4000-8000-000000000000",
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z", "name": "ACME",
        "identity_class": "organization",
    }]
    run("push", write_bundle(tmp_path / "in.json", sent), peer.url, "--collection", peer.collection, env=peer.env)

    def pull(*filters):
        done = run("pull", peer.url, "--collection", peer.collection, *filters, env=peer.env)
        assert done.code == 0, done.err
        return ids(json.loads(line) for line in done.out.splitlines())

    assert pull("--match-type", "identity") == [sent[2]["id"]]
    assert pull("--match-type", "identity", "--match-type", "indicator") == ids(sent)
    assert pull("--match-id", sent[0]["id"]) == [sent[0]["id"]]
    assert pull("--added-after", "2100-01-01T00:00:00Z") == []
    assert pull("--added-after", "2020-01-01T00:00:00Z") == ids(sent)
    assert pull("--match-version", "first", "--spec-version", "2.1") == ids(sent)


def test_every_kind_of_input(run, peer, tmp_path):
    sent = [indicator(i) for i in range(10)]
    one = write_bundle(tmp_path / "bundle.json", sent[:2])
    two = tmp_path / "lines.jsonl.gz"
    two.write_bytes(gzip.compress("\n".join(json.dumps(made) for made in sent[2:5]).encode()))
    three = tmp_path / "list.json.xz"
    three.write_bytes(lzma.compress(json.dumps(sent[5:8], indent=2).encode()))
    four = tmp_path / "envelope.json"
    four.write_text(json.dumps({"more": False, "objects": sent[8:]}))
    pushed = run("push", one, two, three, four, peer.url, "--collection", peer.collection, env=peer.env)
    assert pushed.code == 0, pushed.err
    out = tmp_path / "out.jsonl"
    assert run("pull", peer.url, "--collection", peer.collection, "--out", out, env=peer.env).code == 0
    assert ids(lines(out)) == ids(sent)


def test_wrong_names_and_passwords(run, peer, tmp_path):
    file = write_bundle(tmp_path / "in.json", [indicator(1)])
    for words in (["push", file], ["pull"]):
        wrong = run(*words, peer.url, "--collection", peer.collection, env={**peer.env, "ENTENTE_PASSWORD": "wrong"})
        assert wrong.code == 4 and "401" in wrong.err
        absent = run(*words, peer.url, "--collection", "Absent", env=peer.env)
        assert absent.code == 4 and "Both" in absent.err
        root = run(*words, peer.url, "--root", "absent", env=peer.env)
        assert root.code == 4 and "absent" in root.err


def test_an_interrupted_push_sends_nothing_twice(run, peer, tmp_path):
    sent = [indicator(i) for i in range(60)]
    state = tmp_path / "state"
    words = [peer.url, "--collection", peer.collection, "--state", state, "--batch", 10, "--json"]
    first = tmp_path / "in.jsonl"
    # What a run that was killed leaves: the first part of the same input, noted.
    text = "".join(json.dumps(made) + "\n" for made in sent)
    first.write_text("".join(json.dumps(made) + "\n" for made in sent[:20]))
    assert run("push", first, *words, env=peer.env).code == 0
    first.write_text(text)
    rest = run("push", first, *words, env=peer.env)
    assert rest.code == 0, rest.err
    assert (json.loads(rest.out)["skipped"], json.loads(rest.out)["accepted"]) == (20, 40)
    # medallion calls a known object a failure: nothing may have been sent again.
    done = run("push", first, *words, env=peer.env)
    assert done.code == 0 and json.loads(done.out)["skipped"] == 60


def test_medallion_rights_are_seen_before_anything_is_sent(run, medallion, tmp_path):
    file = write_bundle(tmp_path / "in.json", [indicator(1)])
    read_only = run("push", file, medallion.url, "--collection", "Read only", env=medallion.env)
    assert read_only.code == 4 and "may not write" in read_only.err
    write_only = run("pull", medallion.url, "--collection", "Write only", env=medallion.env)
    assert write_only.code == 4 and "may not read" in write_only.err


def test_medallion_lists_a_root_elsewhere_which_is_not_visited(run, medallion):
    done = run("pull", medallion.url, "--root", "other", "--collection", "Both", env=medallion.env)
    assert done.code == 4 and "--allow-origin" in done.err


@pytest.mark.parametrize(
    "form",
    ["{url}/trust/collections/{id}/", "{url}/trust/collections/{id}", "{url}/trust/collections/{id}/objects/"],
)
def test_collection_urls(run, medallion, tmp_path, form):
    url = form.format(url=medallion.url, id=BOTH)
    assert run("push", write_bundle(tmp_path / "in.json", [indicator(1)]), url, env=medallion.env).code == 0
    assert len(run("pull", url, env=medallion.env).out.splitlines()) == 1


def test_objects_that_share_one_date_come_whole(run, medallion, tmp_path):
    """medallion gives all objects of a request one date; the limits cut pages in the middle of them."""
    sent = [indicator(i, name="x") for i in range(35)]
    run("push", write_bundle(tmp_path / "in.json", sent), medallion.url, "--collection", "Both", env=medallion.env)
    out, state = tmp_path / "out.jsonl", tmp_path / "state"
    words = ["pull", medallion.url, "--collection", "Both", "--out", out, "--state", state, "--limit", 7]
    for _ in range(12):
        if run(*words, "--max-pages", 4, env=medallion.env).code == 0:
            break
    assert ids(lines(out)) == ids(sent)
