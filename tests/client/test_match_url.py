"""`entente match --indicators URL`: what to look for is read from a collection of a TAXII 2.1 server."""

import json

import pytest
from support.node import TAXII, indicator

COLLECTION = {"id": "107", "title": "c", "can_read": True, "can_write": False}
ROOT = {"title": "r", "versions": [TAXII], "max_content_length": 1_000_000}


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("good.example\nevil1.example\nevil240.example\n", encoding="utf-8")
    return path


@pytest.fixture
def north(make_node, run, tmp_path):
    node = make_node("North CERT")
    node.user("reader", "reader password", role="reader")
    node.user("publisher", "publisher password", role="publisher")
    node.shared = node.collection("Shared", "--alias", "shared")
    node.grant(node.shared, "--user", "reader", "--read")
    node.grant(node.shared, "--user", "publisher", "--read", "--write")
    node.serve()
    file = tmp_path / "in.json"
    objects = [indicator(n, pattern=f"[domain-name:value = 'evil{n}.example']", pattern_type="stix") for n in range(250)]
    objects[240]["revoked"] = True
    file.write_text(json.dumps({"objects": objects}), encoding="utf-8")
    done = run("push", file, node.url, "--collection", "shared",
               env={"ENTENTE_USER": "publisher", "ENTENTE_PASSWORD": "publisher password"})
    assert done.code == 0, done.err
    return node


def test_indicators_of_a_url_are_looked_for(run, north, events):
    done = run("match", "--indicators", north.url, "--collection", "shared", events, "--json",
               env={"ENTENTE_USER": "reader", "ENTENTE_PASSWORD": "reader password"})
    assert done.code == 0, done.err
    *hits, totals = map(json.loads, done.out.splitlines())
    assert [(hit["line"], hit["indicator"]) for hit in hits] == [(2, indicator(1)["id"])]
    assert totals["indicators"] == 249  # one of 250 is revoked


def test_wrong_credentials_match_nothing(run, north, events):
    done = run("match", "--indicators", north.url, "--collection", "shared", events,
               env={"ENTENTE_USER": "reader", "ENTENTE_PASSWORD": "wrong"})
    assert done.code == 4
    assert done.out == ""
    assert "401" in done.err


def test_half_a_collection_is_no_collection(run, scripted, events):
    def answer(handler):
        path, _, query = handler.path.partition("?")
        if path == "/r/":
            handler.reply(200, ROOT)
        elif path == "/r/collections/107/":
            handler.reply(200, COLLECTION)
        elif "next=" in query:
            handler.reply(404, {"title": "gone"})
        else:
            evil = indicator(1, pattern="[domain-name:value = 'evil1.example']", pattern_type="stix")
            handler.reply(200, {"more": True, "next": "2", "objects": [evil]})

    server = scripted(answer)
    done = run("match", "--indicators", f"{server.url}/r/collections/107/", "--retries", 0, events)
    assert done.code not in (0, 1), done.out
    assert done.out == ""
    assert "not read to the end" in done.err


def test_one_url_at_a_time(run, events):
    done = run("match", "--indicators", "https://a.example", "--indicators", "https://b.example", events)
    assert done.code == 2
    assert "entente pull URL --out FILE" in done.err
