"""What South's sensors see of North's indicators goes back to North: after South's review, under the agreement, and nothing else."""

import json
import time

import pytest
from support.node import indicator
from support.pair import Pair, failed

SECRET = "long password of a node"
EVENTS = "/entente/events/"
SEEN = "2026-02-01T10:20:30.000000+0000"
HOUR = "2026-02-01T10:00:00.000000Z"
HOUR_END = "2026-02-01T11:00:00.000000Z"


def eventually(look, wanted, seconds=15.0):
    began = time.monotonic()
    while True:
        seen = look()
        if seen == wanted:
            return
        assert time.monotonic() - began < seconds, (seen, wanted)
        time.sleep(0.02)


def domain(number, name):
    return indicator(number, pattern=f"[domain-name:value = '{name}']")


def dns(name, at=SEEN):
    return json.dumps({"timestamp": at, "event_type": "dns", "src_ip": "192.0.2.77", "dest_ip": "192.0.2.2",
                       "dns": {"version": 2, "type": "query", "rrname": name, "rrtype": "A"}}) + "\n"


class Exchange(Pair):
    """Both serve; North gives South indicators and takes sightings, by one agreement."""

    def __init__(self, make_node, folder):
        super().__init__(make_node, folder)
        north, south = self.north, self.south
        for party, partner in ((north, "South CERT"), (south, "North CERT")):
            party.inbox = party.node.collection("Inbox", "--alias", "inbox", "--takes-agreements")
            party.node.user("partner-node", SECRET, "publisher", partner)
            party.node.grant("inbox", "--user", "partner-node", "--write")
        south.node.run("user", "add", "analyst", "--no-password")
        south.node.run("grant", "add", "shared", "--user", "analyst", "--read")
        south.node.run("user", "add", "probe", "--role", "sensor", "--no-password")
        self.probe = south.node.json("token", "add", "probe")["token"]
        south.node.run("watch", "set", "--user", "analyst", "--collection", "shared")
        south.node.collection("Told to North", "--alias", "told")
        for party in (north, south):
            party.node.serve()
        for party, other, partner in ((north, south, "South CERT"), (south, north, "North CERT")):
            file = folder / f"{party.pid}.secret"
            file.write_text(SECRET + "\n")
            url = f"{other.node.url}/api/collections/{other.inbox}/"
            party.node.run("peer", "set", partner, "--url", url, "--user", "partner-node", "--password-file", file)
        north.signs("propose", self.document(flows=[
            {"fid": "warn", "from": ["north"], "to": ["south"], "max_marking": "amber"},
            {"fid": "seen", "from": ["south"], "to": ["north"], "max_marking": "amber", "select": {"types": ["sighting"]}},
        ]))
        self.id = json.loads(north.run("list", "--json").stdout)["id"]
        eventually(lambda: json.loads(south.run("list", "--json").stdout or "{}").get("stage"), "proposed")
        south.signs("sign", self.id)
        eventually(lambda: north.stage(self.id), "in force")
        south.run("bind", self.id, "--collection", "shared", "--in", "--flow", "warn")
        south.run("bind", self.id, "--collection", "told", "--out", "--flow", "seen")
        north.run("bind", self.id, "--collection", "inbox", "--in", "--flow", "seen")

    def share(self, *objects):
        answer = self.south.node.post(self.south.node.objects_path(self.south.collection), list(objects), ("partner-node", SECRET))
        assert answer.status_code == 202 and answer.json()["failure_count"] == 0, answer.text

    def sees(self, *names, at=SEEN):
        """South's sensor sends events until each is a hit."""
        body = "".join(dns(name, at) for name in names).encode()
        eventually(lambda: self.post(body), len(names))

    def post(self, body):
        answer = self.south.node.request("POST", EVENTS, self.probe, data=body)
        return answer.json()["hits"] if answer.status_code == 200 else answer.status_code

    def rows(self, *more):
        done = self.south.node.run("sightings", "list", "--json", *more, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def north_has(self):
        answer = self.north.node.get(self.north.node.objects_path(self.north.inbox), self.north.node.admin_token)
        return [o for o in answer.json().get("objects", []) if o["type"] == "sighting"]


@pytest.fixture
def exchange(make_node, tmp_path):
    return Exchange(make_node, tmp_path)


def test_sightings_reach_who_warned_after_a_review_and_tell_nothing_else(exchange):
    south = exchange.south.node
    south.run("own-assets", "add", "corp.example")
    exchange.share(domain(1, "c2.example"), domain(2, "portal.corp.example"), domain(3, "other.example"))
    exchange.sees("c2.example", "portal.corp.example", "other.example")
    exchange.sees("c2.example")

    rows = {row["indicator"]: row for row in exchange.rows()}
    assert set(rows) == {domain(1, "")["id"], domain(3, "")["id"]}, "an own asset waits for nobody"
    row = rows[domain(1, "")["id"]]
    assert (row["party"], row["agreement"], row["hour"], row["state"]) == ("North CERT", exchange.id, HOUR, "waiting")
    assert row["name"] == "Indicator 1" and row["count"] >= 2 and row["held"] is None
    own = [r for r in exchange.rows("--all") if r["state"] == "counted"]
    assert [(r["indicator"], r["party"], r["held"]) for r in own] == [(domain(2, "")["id"], None, "what matched is an own asset")]
    assert exchange.north_has() == []

    shown = south.json("sightings", "show", row["number"])
    assert shown["held"] is None and shown["pushed"] and shown["other_readers"] == [] and shown["value"] == "c2.example"
    other = rows[domain(3, "")["id"]]
    south.run("sightings", "decline", other["number"], "--person", "Ann")
    done = south.json("sightings", "approve", row["number"], "--person", "Ann")
    assert done == {"approved": [row["number"]], "person": "Ann", "sent": 1, "held": 0}
    eventually(lambda: len(exchange.north_has()), 1)
    (came,) = exchange.north_has()
    assert came == json.loads(shown["would_send"])
    assert {k: v for k, v in came.items() if k not in ("id", "type", "spec_version", "count")} == {
        "created_by_ref": exchange.south.identity,
        "created": HOUR_END, "modified": HOUR_END, "first_seen": HOUR, "last_seen": HOUR_END,
        "sighting_of_ref": domain(1, "")["id"],
        "object_marking_refs": domain(1, "")["object_marking_refs"],
    }
    assert came["count"] == row["count"]
    assert "c2.example" not in json.dumps(came) and "192.0.2.77" not in json.dumps(came)

    given = [json.loads(line) for line in south.run("disclosed", "--to", "North CERT", "--json").stdout.splitlines()]
    assert [(g["id"], g["what"], g["user"], g["party"]) for g in given if g["what"] == "sightings"] == [
        (came["id"], "sightings", None, "North CERT")
    ]
    assert "its server" in south.run("who-has", came["id"]).stdout
    failed(south.run("sightings", "approve", row["number"], check=False), 4, "it was sent")
    failed(south.run("sightings", "approve", other["number"], check=False), 4, "it was declined")
    failed(south.run("sightings", "approve", own[0]["number"], check=False), 4, "own asset")
    assert len(exchange.north_has()) == 1


def test_auto_reports_by_itself_and_a_suspended_agreement_holds_what_was_approved(exchange):
    south = exchange.south
    assert json.loads(south.run("report", exchange.id, "--json").stdout) == {"agreement": exchange.id, "report": "review", "budget": 1000}
    south.run("report", exchange.id, "auto", "--budget", "5")
    exchange.share(domain(1, "c2.example"), domain(2, "late.example"))
    exchange.sees("c2.example")
    eventually(lambda: [o["sighting_of_ref"] for o in exchange.north_has()], [domain(1, "")["id"]])
    assert exchange.rows() == []

    south.run("report", exchange.id, "review")
    exchange.sees("late.example")
    (row,) = exchange.rows()
    south.run("suspend", exchange.id, "--key", south.key, "--reason", "a leak")
    assert south.node.json("sightings", "approve", row["number"])["held"] == 1
    (row,) = exchange.rows()
    assert row["state"] == "approved" and "not in force: suspended" in row["held"]
    assert len(exchange.north_has()) == 1
    south.run("resume", exchange.id, "--key", south.key)
    assert south.node.json("sightings", "approve", "--all")["sent"] == 1, "what was held is tried again"
    eventually(lambda: len(exchange.north_has()), 2)


def test_mistakes_are_told(exchange):
    south = exchange.south
    node = south.node
    failed(node.run("sightings", "approve", check=False), 2, "--all")
    failed(node.run("sightings", "show", "7", check=False), 4, "sightings list")
    failed(node.run("sightings", "decline", "7", check=False), 4, "no sighting 7")
    assert node.run("sightings", "list", check=False).returncode == 1
    south.refuses(2, "report", exchange.id, "always", words=["off, review or auto"])
    south.refuses(2, "report", exchange.id, "auto", "--budget", "many", words=["--budget"])
    south.refuses(4, "report", "agr:0000", "auto", words=["agreement list"])
