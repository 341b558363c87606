"""Between nodes: what one publishes, another pulls into a collection of its own."""

import json

import pytest
from support.node import indicator

SECRET = {"ENTENTE_USER": "reader", "ENTENTE_PASSWORD": "reader password"}


@pytest.fixture
def north(make_node):
    node = make_node("North CERT")
    node.user("publisher", "publisher password", role="publisher")
    node.user("reader", "reader password", role="reader")
    node.shared = node.collection("Shared", "--alias", "shared")
    node.grant(node.shared, "--user", "publisher", "--read", "--write")
    node.grant(node.shared, "--user", "reader", "--read")
    node.serve()
    return node


@pytest.fixture
def south(make_node):
    node = make_node("South CERT")
    node.run("party", "add", "North CERT")
    node.user("from-north", "unused password", role="publisher", party="North CERT")
    node.user("analyst", "analyst password", role="reader")
    node.inbox = node.collection("Inbox", "--alias", "inbox")
    node.grant(node.inbox, "--user", "from-north", "--read", "--write")
    node.grant(node.inbox, "--user", "analyst", "--read")
    return node


def publish(run, node, tmp_path, objects, name="in.json"):
    file = tmp_path / name
    file.write_text(json.dumps({"objects": objects}), encoding="utf-8")
    done = run(
        "push", file, node.url, "--collection", "shared", "--json",
        env={"ENTENTE_USER": "publisher", "ENTENTE_PASSWORD": "publisher password"},
    )
    return done.code, json.loads(done.out)


def held(node):
    done = node.run("export", "--for", "analyst", "--collection", "inbox", check=False)
    assert done.returncode in (0, 1), done.stderr  # 1: nothing there
    return {json.loads(line)["id"]: line for line in done.stdout.splitlines()}


def test_objects_arrive_byte_for_byte(run, north, south, tmp_path):
    sent = [indicator(n, name="f\u00e4n \U0001f980", x_number=1.0, x_big=9007199254740991) for n in range(250)]
    code, summary = publish(run, north, tmp_path, sent)
    assert (code, summary["accepted"]) == (0, 250)
    words = ["pull", f"{north.url}/api/collections/shared/", "--data", south.directory, "--into", "inbox", "--as", "from-north",
             "--limit", 40, "--json"]
    done = run(*words, env=SECRET)
    assert done.code == 0, done.err
    assert json.loads(done.out)["accepted"] == 250
    plain = run("pull", f"{north.url}/api/collections/shared/", env=SECRET).out.splitlines()
    assert sorted(held(south).values()) == sorted(plain)
    # The state lies in the directory: the next pull brings what is new.
    publish(run, north, tmp_path, [indicator(1000)])
    again = run(*words, env=SECRET)
    assert json.loads(again.out)["accepted"] == 1
    assert len(held(south)) == 251
    assert (south.directory / "pull").stat().st_mode & 0o777 == 0o700


def test_pull_into_a_node_that_is_serving(run, north, south, tmp_path):
    south.serve()
    publish(run, north, tmp_path, [indicator(n) for n in range(20)])
    done = run(
        "pull", f"{north.url}/api/collections/shared/", "--data", south.directory, "--into", "inbox", "--as", "from-north",
        env=SECRET,
    )
    assert done.code == 0, done.err
    page = south.get(south.objects_path(south.inbox), ("analyst", "analyst password"))
    assert len(page.json()["objects"]) == 20


def test_what_the_user_may_not_write_is_not_written(run, north, south, tmp_path):
    publish(run, north, tmp_path, [indicator(1)])
    url = f"{north.url}/api/collections/shared/"
    for words, code in [
        (["--into", "inbox", "--as", "analyst"], 4),
        (["--into", "absent", "--as", "from-north"], 4),
        (["--into", "inbox", "--as", "absent"], 4),
        (["--into", "inbox"], 2),
        (["--as", "from-north"], 2),
        (["--into", "inbox", "--as", "from-north", "--out", "x"], 2),
    ]:
        done = run("pull", url, "--data", south.directory, *words, env=SECRET)
        assert done.code == code, (words, done.err)
    assert held(south) == {}


def test_bad_objects_are_refused_one_by_one(run, north, tmp_path):
    good = [indicator(n) for n in range(20)]
    bad = {**indicator(99), "modified": "2023-01-01T00:00:00.000Z"}
    code, summary = publish(run, north, tmp_path, good[:7] + [bad] + good[7:])
    assert code == 3
    assert (summary["accepted"], summary["refused"]) == (20, 1)
    assert summary["failures"][0]["id"] == bad["id"] and summary["failures"][0]["message"]


def test_pushing_again_is_harmless(run, north, tmp_path):
    sent = [indicator(n) for n in range(20)]
    publish(run, north, tmp_path, sent)
    code, summary = publish(run, north, tmp_path, sent)
    assert (code, summary["accepted"]) == (0, 20)
    assert len(run("pull", f"{north.url}/api/collections/shared/", env=SECRET).out.splitlines()) == 20
