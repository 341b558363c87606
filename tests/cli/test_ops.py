"""Health, readiness and metrics, as a monitor asks for them."""

import re
import sqlite3
import time

import pytest
import requests

from support.node import TAXII, indicator


@pytest.fixture
def watched(node):
    """A serving node, the address of its operator's listener, and a collection."""
    collection = node.collection("shared")
    node.user("feed", "feed password", role="publisher")
    node.grant(collection, "--user", "feed", "--read", "--write")
    node.serve("--ops-listen", "127.0.0.1:0")
    log = (node.directory / "serve.log").read_text()
    return node, re.search(r"health and metrics on (http://127\.0\.0\.1:\d+)", log).group(1), collection


FEED = ("feed", "feed password")


def values(text):
    """Lines of the text format as {name with labels: value}."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def test_health_is_told_to_everybody_and_nothing_else_is(watched):
    node, _, _ = watched
    for path, word in (("/healthz", "alive\n"), ("/readyz", "ready\n")):
        answer = requests.get(node.url + path, timeout=10)
        assert (answer.status_code, answer.text) == (200, word)
    assert requests.get(node.url + "/metrics", timeout=10).status_code in (401, 404)


def test_metrics_count_what_was_answered(watched):
    node, ops, collection = watched
    before = values(requests.get(ops + "/metrics", timeout=10).text)
    assert node.post(node.objects_path(collection), [indicator(1), indicator(2)], auth=FEED).status_code == 202
    for _ in range(3):
        assert node.get(node.objects_path(collection), auth=FEED).status_code == 200
    assert requests.get(node.url + "/taxii2/", headers={"Accept": TAXII}, timeout=10).status_code == 401
    answer = requests.get(ops + "/metrics", timeout=10)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    after = values(answer.text)

    def grew(method, route, status):
        name = f'entente_http_requests_total{{method="{method}",route="{route}",status="{status}"}}'
        return after.get(name, 0) - before.get(name, 0)

    assert grew("POST", "objects", 202) == 1
    assert grew("GET", "objects", 200) == 3
    assert grew("GET", "discovery", 401) == 1
    assert after[f'entente_collection_positions{{collection="{collection}"}}'] == 2
    assert after["entente_ready"] == 1
    assert after["entente_http_connections"] >= 0
    assert after["process_resident_memory_bytes"] > 1_000_000
    assert after["entente_disk_free_bytes"] > 0 and after["entente_store_bytes"] > 0
    assert after['entente_http_request_seconds_count{route="objects"}'] >= 4


def test_metrics_hold_nothing_of_what_is_exchanged(watched):
    node, ops, collection = watched
    made = indicator(1)
    node.post(node.objects_path(collection), [made], auth=FEED)
    node.get(node.objects_path(collection) + made["id"] + "/", auth=FEED)
    requests.get(node.url + "/surely-not-a-route/" + made["id"], timeout=10)
    text = requests.get(ops + "/metrics", timeout=10).text
    assert made["id"] not in text and "surely" not in text and "feed" not in text


def test_it_is_ready_until_it_stops(watched):
    node, ops, _ = watched
    assert requests.get(ops + "/readyz", timeout=10).text == "ready\n"
    assert requests.get(ops + "/healthz", timeout=10).text == "alive\n"
    assert requests.post(ops + "/readyz", timeout=10).status_code == 405
    assert requests.get(ops + "/taxii2/", timeout=10).status_code == 404
    assert node.stop() == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(ops + "/healthz", timeout=10)


def test_a_node_that_cannot_write_says_that_it_is_not_ready(watched):
    node, ops, collection = watched
    held = node.directory / "entente.db"
    # Another process keeps the database for itself for longer than the server waits.
    other = sqlite3.connect(held, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        node.get(node.objects_path(collection), auth=FEED)
        until = time.monotonic() + 40
        while time.monotonic() < until:
            answer = requests.get(ops + "/readyz", timeout=10)
            if answer.status_code == 503:
                break
            node.get(node.objects_path(collection), auth=FEED)
        assert answer.status_code == 503 and "cannot write" in answer.text
        assert requests.get(node.url + "/readyz", timeout=10).text == "not ready\n"
        assert requests.get(ops + "/healthz", timeout=10).status_code == 200
    finally:
        other.rollback()
        other.close()
    until = time.monotonic() + 40
    while requests.get(ops + "/readyz", timeout=10).status_code != 200:
        assert time.monotonic() < until, "it is ready again when it can write"


@pytest.mark.parametrize("address", ["0.0.0.0:9464", ":9464", "192.0.2.1:9464"])
def test_metrics_stay_on_this_machine(node, address):
    done = node.run("serve", "--listen", "127.0.0.1:0", "--ops-listen", address, check=False)
    assert done.returncode == 2
    assert "loopback" in done.stderr and "9464" in done.stderr
