"""The matcher of a serving node: events of sensors in, hits out, and what is withdrawn is silent at once."""

import gzip
import json
import time
from pathlib import Path

import pytest
import requests
from support.node import indicator
from support.pair import Pair, failed

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PASSWORD = "a long password"
EVENTS = "/entente/events/"


def domain(number, name, **more):
    return indicator(number, pattern=f"[domain-name:value = '{name}']", **more)


def dns(*names):
    return "".join(
        json.dumps({"timestamp": "2026-02-01T00:00:00.000000+0000", "event_type": "dns", "src_ip": "192.0.2.1", "dest_ip": "192.0.2.2",
                    "dns": {"version": 2, "type": "query", "rrname": name, "rrtype": "A"}}) + "\n"
        for name in names
    )


class Sensed:
    """A node that serves, with a probe that sends events and an operator who may read hits."""

    def __init__(self, node, collection="shared"):
        self.node = node
        node.run("user", "add", "analyst", "--no-password")
        node.run("grant", "add", collection, "--user", "analyst", "--read")
        node.user("probe", PASSWORD, "sensor")
        self.probe = node.json("token", "add", "probe")["token"]
        self.analyst = node.json("token", "add", "analyst")["token"]

    def send(self, body, token=None, **headers):
        body = body.encode() if isinstance(body, str) else body
        return self.node.request("POST", EVENTS, token or self.probe, data=body, headers=headers)

    def hits(self, *names):
        answer = self.send(dns(*names))
        assert answer.status_code == 200, answer.text
        return answer.json()["hits"]

    def ready(self):
        """Until what is looked for has been read."""
        began = time.monotonic()
        while self.send("").status_code == 503:
            assert time.monotonic() - began < 20
            time.sleep(0.005)

    def until(self, wanted, *names, seconds=10.0):
        """Sends until there are so many hits; returns after how many seconds."""
        began = time.monotonic()
        while self.hits(*names) != wanted:
            assert time.monotonic() - began < seconds
        return time.monotonic() - began


class Listener:
    """Reads /entente/hits/ as a client of server-sent events does."""

    def __init__(self, sensed, token, since=None):
        headers = {"Authorization": "Bearer " + token, "Accept": "text/event-stream"}
        if since:
            headers["Last-Event-ID"] = since
        self.answer = requests.get(sensed.node.url + "/entente/hits/", headers=headers, stream=True, timeout=30)
        assert self.answer.status_code == 200, self.answer.text
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        self.lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(self.lines).startswith("retry:")

    def next(self):
        """(id, hit), or nothing at the end."""
        name = None
        try:
            for line in self.lines:
                if line.startswith("id: "):
                    name = line[4:]
                if line.startswith("data: "):
                    return name, json.loads(line[6:])
        except requests.exceptions.ChunkedEncodingError:
            pass  # reset, as answers to logins that have ended are
        return None


@pytest.fixture
def sensed(node):
    node.shared = node.collection("Shared", "--alias", "shared")
    node.user("writer", PASSWORD, "publisher")
    node.grant("shared", "--user", "writer", "--read", "--write")
    return Sensed(node)


def imports(node, *objects):
    return node.run("import", "-", "--collection", "shared", "--as", "writer", stdin=json.dumps(list(objects)))


def test_events_of_a_sensor_hit_and_what_is_withdrawn_is_silent(sensed):
    node = sensed.node
    node.run("import", EXAMPLES / "campaign-harbour-lantern.json", "--collection", "shared", "--as", "writer")
    node.serve()
    sample = (EXAMPLES / "harbour-eve.jsonl").read_bytes()
    assert sensed.send(sample).status_code == 404
    node.run("watch", "set", "--user", "analyst", "--collection", "shared")
    assert node.json("watch", "show") == {"user": "analyst", "collections": [node.shared], "subdomains": False, "fields": "", "muted": []}
    began = time.monotonic()
    while sensed.send(sample).status_code != 200:
        assert time.monotonic() - began < 10
    listener = Listener(sensed, sensed.analyst)
    answer = sensed.send(gzip.compress(sample), **{"Content-Encoding": "gzip"})
    assert answer.headers["Content-Type"] == "application/json"
    said = answer.json()
    assert (said["events"], said["unreadable"], said["cut"]) == (8, 0, 0)
    heard = [listener.next()[1] for _ in range(said["hits"])]
    assert {(hit["line"], hit["path"], hit["value"]) for hit in heard} == {
        (2, "domain-name:value", "berth-notice.example"),
        (3, "domain-name:value", "berth-notice.example"),
        (4, "file:hashes.'SHA-256'", "4f2397c5e5b0d96fe83ee3b7e67e58b0f3651acf4ed0bd8336ca516a21aed2f2"),
    } | {(hit["line"], hit["path"], hit["value"]) for hit in heard if hit["line"] in (6, 7)}
    assert {hit["line"] for hit in heard} >= {2, 3, 4}
    assert all(hit["input"] == "probe" and hit["may"] == "block" and hit["shared_by"] == "North CERT" for hit in heard)

    # To effect: one added, one withdrawn. The bounds are for slow machines; docs/matching.md has figures.
    path = node.objects_path(node.shared)
    writer = ("writer", PASSWORD)
    assert sensed.hits("new.example") == 0
    assert node.post(path, [domain(1, "new.example")], writer).status_code == 202
    assert sensed.until(1, "new.example") < 2
    revoked = domain(1, "new.example", modified="2024-02-01T00:00:00.000Z", revoked=True)
    assert node.post(path, [revoked], writer).status_code == 202
    assert sensed.hits("new.example") == 0, "from the commit on"
    assert node.post(path, [domain(2, "other.example")], writer).status_code == 202
    sensed.until(1, "other.example")
    assert node.request("DELETE", path + domain(2, "")["id"] + "/", writer).status_code == 200
    assert sensed.hits("other.example") == 0
    node.run("watch", "remove")
    began = time.monotonic()
    while sensed.send(dns("berth-notice.example")).status_code != 404:
        assert time.monotonic() - began < 10
    assert node.run("watch", "show", check=False).returncode == 1


def test_an_agreement_says_what_may_be_done_and_its_end_silences(make_node, tmp_path):
    pair = Pair(make_node, tmp_path)
    north, south = pair.north, pair.south
    south.node.user("north-node", PASSWORD, "publisher", "North CERT")
    document = pair.document(title="Hunting", use={"permitted_actions": "internally-visible-actions"})
    north.signs("propose", document)
    id = next(a["id"] for a in map(json.loads, north.run("list", "--json").stdout.splitlines()))
    north.hands(id, south, "made")
    south.signs("sign", id)
    south.hands(id, north, "signed")
    south.run("bind", id, "--collection", "shared", "--in")
    south.node.run(
        "import", "-", "--collection", "shared", "--as", "north-node",
        stdin=json.dumps([domain(1, "only.hunt.example", created_by_ref=north.identity)]),
    )
    sensed = Sensed(south.node)
    south.node.run("watch", "set", "--user", "analyst", "--subdomains")
    south.node.serve()
    sensed.ready()
    listener = Listener(sensed, south.node.admin_token)
    assert sensed.hits("www.only.hunt.example") == 1
    name, hit = listener.next()
    assert hit["may"] == "hunt" and hit["agreements"] == [id] and hit["shared_by"] == "North CERT"
    assert sensed.hits("only.hunt.example", "only.hunt.example") == 2
    listener.answer.close()
    again = Listener(sensed, south.node.admin_token, since=name)
    assert [again.next()[1]["line"] for _ in range(2)] == [1, 2]
    south.signs("suspend", id)
    assert sensed.hits("only.hunt.example") == 0
    assert south.node.stop() == 0, "who listens does not hold it up"
    assert again.next() is None


def test_what_is_wrong_is_said(sensed):
    node = sensed.node
    failed(node.run("watch", "set", "--user", "nobody", check=False), 4, "nobody")
    failed(node.run("watch", "remove", check=False), 4, "no watch")
    node.collection("Other", "--alias", "other")
    failed(node.run("watch", "set", "--user", "analyst", "--collection", "other", check=False), 4, "may not read 'Other'")
    imports(node, domain(1, "one.example"))
    node.run("watch", "set", "--user", "analyst")
    node.serve()
    sensed.ready()
    said = sensed.send(dns("one.example") + "{broken\n" + dns("one.example")).json()
    assert (said["events"], said["hits"], said["unreadable"]) == (2, 2, 1)
    assert said["errors"][0]["line"] == 2 and said["errors"][0]["error"]
    assert sensed.send(dns("x.example"), token=sensed.analyst).status_code == 403
    assert sensed.send(dns("x.example"), token="ent_" + "x" * 43).status_code == 401
    assert node.request("GET", EVENTS, sensed.probe).status_code == 405
    assert sensed.send(b"x" * ((16 << 20) + 1)).status_code == 413
    assert sensed.send(gzip.compress(b"x" * ((16 << 20) + 1)), **{"Content-Encoding": "gzip"}).status_code == 413
    # Who is disabled while it listens hears no more.
    listener = Listener(sensed, sensed.analyst)
    node.run("user", "set", "analyst", "--disable")
    assert listener.next() is None
