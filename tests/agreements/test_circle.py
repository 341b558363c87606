"""Eight parties in a circle around one node, with different ceilings and onward rules, and bilateral agreements beside it.

Every party sends what it has as a plain TAXII client, every reader reads all that it gets, and what came out is compared with
circle_model.py, which works it out from the documents.
"""

import datetime
import json
import random
import uuid
from collections import Counter

import pytest

from circle_model import LEVELS, OWN, RANK, RED, STRICT, TLP, TLP_1, Agreement, Entry, Reader, World, rank, references
from support.node import entente

PIDS = [OWN, "p1", "p2", "p3", "p4", "p5", "p6", "p7"]
NAMES = {pid: "Hub CERT" if pid == OWN else f"Party {pid[1:]}" for pid in PIDS}
IDENTITIES = {pid: f"identity--{uuid.uuid5(uuid.NAMESPACE_DNS, pid + '.example')}" for pid in PIDS}
IDENTITIES = {pid: id[:24] + "4" + id[25:] for pid, id in IDENTITIES.items()}
NOW = datetime.datetime.now(datetime.timezone.utc)
VALID = {"from": "2026-01-01T00:00:00Z", "until": "2090-01-01T00:00:00Z"}
UNKNOWN_MARKING = "marking-definition--11111111-1111-4111-8111-111111111111"
TYPES = ["indicator", "malware", "indicator", "tool", "campaign", "threat-actor"]


def stamp(days, seconds=0):
    return (NOW - datetime.timedelta(days=days, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


# -- the agreements


def parties(keys, *pids):
    return [{"pid": p, "name": NAMES[p], "identities": [IDENTITIES[p]], "sign_keys": [keys[p]]} for p in pids]


def circle(keys):
    def flow(fid, giver, to=None, **more):
        return {"fid": fid, "from": [giver], "to": to or [p for p in PIDS if p != giver], **more}

    return {
        "schema": "entente-agreement/1",
        "version": 1,
        "title": "The circle",
        "parties": parties(keys, *PIDS),
        "topics": {"crime": ["label:phishing", "malware_types:ransomware", "type:relationship"]},
        "flows": [
            flow("hub", OWN, max_marking="amber+strict"),
            flow("p1", "p1", max_marking="clear"),
            flow("p2", "p2", max_marking="green", select={"types": ["indicator", "relationship", "report"]}),
            flow("p3-near", "p3", [OWN, "p1", "p2"], max_marking="amber", strip=["credentials"]),
            flow("p3-far", "p3", ["p4", "p5", "p6", "p7"], max_marking="amber"),
            flow(
                "p4",
                "p4",
                max_marking="amber+strict",
                select={"types": ["indicator", "malware", "relationship"], "topics": ["crime"], "exclude_labels": ["internal"]},
            ),
            flow("p5", "p5", max_marking="red", named=["p6-reader", "hub-reader"], select={"min_confidence": 50}),
            flow(
                "p6",
                "p6",
                max_marking="red",
                strip=["credentials", "contact"],
                select={"types": ["indicator", "malware", "relationship"], "pattern_paths": ["ipv4-addr:value"]},
            ),
            flow("p7-now", "p7", select={"types": ["indicator", "relationship"]}),
            flow("p7-later", "p7", max_marking="amber+strict", min_delay_hours=24),
        ],
        "validity": VALID,
    }


def bilateral(keys, title, giver, to, flow, **more):
    return {
        "schema": "entente-agreement/1",
        "version": 1,
        "title": title,
        "parties": parties(keys, giver, to),
        "flows": [{"fid": "f1", "from": [giver], "to": [to], **flow}],
        "validity": VALID,
        **more,
    }


def documents(keys):
    return {
        "circle": circle(keys),
        "hub-p1": bilateral(
            keys, "The hub gives p1 more", OWN, "p1",
            {"max_marking": "red", "named": ["p1-reader"], "strip": ["credentials"], "select": {"not_older_days": 365}},
        ),
        "p2-hub": bilateral(
            keys, "p2 gives the hub, and p3 through it", "p2", OWN, {"select": {"types": ["tool", "campaign", "malware"]}},
            onward={"allowed": True, "max_marking": "green", "to": [f"party:{NAMES['p3']}"], "attribution": "may"},
        ),
        "p4-hub": bilateral(keys, "p4 gives the hub alone", "p4", OWN, {"select": {"types": ["threat-actor"]}}),
        "p6-hub": bilateral(
            keys, "p6 gives all, unnamed", "p6", OWN, {"max_marking": "amber", "select": {"types": ["tool", "campaign"]}},
            onward={"allowed": True, "max_marking": "amber", "to": ["community:circle"], "attribution": "must-not"},
        ),
    }


# -- what the parties have


class Maker:
    """Objects of one party, of every marking, label, confidence and age."""

    def __init__(self, pid):
        self.pid, self.random = pid, random.Random(f"circle {pid}")
        self.entries = []

    def id(self, kind):
        return f"{kind}--{uuid.UUID(int=self.random.getrandbits(128), version=4)}"

    def add(self, kind, personal=None, level=None, **more):
        pick = self.random.choice
        # No two objects have one time: by it a copy, which keeps the times, is known.
        modified = stamp(pick([2, 2, 100, 900]), PIDS.index(self.pid) * 1000 + len(self.entries))
        obj = {"type": kind, "spec_version": "2.1", "id": self.id(kind), "created": modified, "modified": modified}
        marking = level or pick([*LEVELS[:3], *LEVELS, "none", "tlp 1", "tlp 1", "unknown"])
        if marking == "tlp 1":
            obj["object_marking_refs"] = [pick(list(TLP_1))]
        elif marking == "unknown":
            obj["object_marking_refs"] = [UNKNOWN_MARKING]
        elif marking != "none":
            obj["object_marking_refs"] = [TLP[marking]]
        if self.random.random() < 0.6:
            obj["created_by_ref"] = IDENTITIES[self.pid]
        if self.random.random() < 0.7:
            obj["confidence"] = pick([0, 10, 49, 50, 70, 100])
        if self.random.random() < 0.6:
            obj["labels"] = pick([["phishing"], ["internal"], ["internal", "phishing"], ["crypto"]])
        obj.update(more)
        self.entries.append(Entry(obj, self.pid, personal or {}))
        return obj

    def plain(self, number):
        kind = TYPES[number % len(TYPES)]
        more = {"name": f"{kind} {number} of {self.pid}"}
        if kind == "indicator":
            value = f"ipv4-addr:value = '198.51.100.{number}'" if number % 4 else f"domain-name:value = 'd{number}.example'"
            more |= {"pattern": f"[{value}]", "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}
            more["indicator_types"] = ["malicious-activity"]
        elif kind == "malware":
            more |= {"is_family": False, "malware_types": [self.random.choice(["ransomware", "worm"])]}
        elif kind == "threat-actor":
            more["threat_actor_types"] = ["crime-syndicate"]
        elif kind == "tool":
            more["tool_types"] = ["remote-access"]
        return kind, more

    def personal(self, number):
        """Objects with parts that some may not have; the secret tells whose they are."""
        secret = f"Secret{number}{self.pid}"
        login = [{"source_name": "feed", "external_id": "list-1", "url": f"https://user:{secret}@feed.example/list"}]
        common = {"is_family": False, "malware_types": ["ransomware"], "labels": ["phishing"], "confidence": 90}
        for level in ("clear", "green", "amber"):
            self.add("malware", {"free-text": True}, level, name=f"A {self.pid}", description=f"Ask {secret}@victim.example", **common)
            self.add("malware", {"credentials": True}, level, name=f"B {self.pid}", external_references=login, **common)
        granular = [{"marking_ref": TLP["red"], "selectors": ["description"]}]
        self.add("malware", None, "green", name=f"C {self.pid}", description=f"Hidden {secret}", granular_markings=granular, **common)
        pattern = f"[email-addr:value = '{secret.lower()}@victim.example']"
        self.add("indicator", {"contact": False}, "clear", pattern=pattern, pattern_type="stix", valid_from="2026-01-01T00:00:00Z")

    def make(self, count=36):
        for number in range(count):
            kind, more = self.plain(number)
            self.add(kind, **more)
        self.personal(1)
        named = [e.id for e in self.entries]
        for number in range(count // 2):
            source, target = self.random.sample(named, 2)
            level = self.random.choice(["clear", "clear", "green", "amber"])
            self.add("relationship", None, level, relationship_type="related-to", source_ref=source, target_ref=target)
        named += [e.id for e in self.entries if e.obj["type"] == "relationship"]
        for number in range(3):
            refs = self.random.sample(named, number + 1)
            self.add("report", None, "clear", name=f"Report {number} of {self.pid}", published=stamp(1), object_refs=refs)
        return self.entries


def unlike(maker, other):
    """An object that names an object of another party: what others have does not count."""
    target = next(e for e in other.entries if RANK.get(e.obj.get("object_marking_refs", [""])[0]) in (RED, STRICT))
    return maker.add(
        "relationship", None, "clear", relationship_type="related-to", source_ref=target.id, target_ref=target.id,
        labels=["phishing"], confidence=80,
    )


# -- the node, with all agreements in force


class Circle:
    def __init__(self, node, folder):
        self.node, self.folder = node, folder
        self.keys, self.tokens = {}, {}
        for pid in PIDS:
            self.card(pid)
        self.collection = node.collection("Circle", "--alias", "circle")
        self.path = f"/api/collections/{self.collection}/"
        for pid in PIDS:
            for role, user in (("reader", f"{pid}-reader"), ("publisher", f"{pid}-writer")):
                self.user(user, role, NAMES[pid])
        node.run("party", "add", "Stranger")
        self.user("stranger", "reader", "Stranger")
        node.grant("circle", "--party", NAMES[OWN], "--read", "--write", "--max-marking", "TLP:RED")
        verifiers = {pid: self.shown(pid)["key"] for pid in PIDS}
        self.ids = {name: self.agree(name, document) for name, document in documents(verifiers).items()}
        self.world = World(
            [Agreement(self.ids[name], document) for name, document in documents(verifiers).items()], NAMES, NOW
        )

    def agreement(self, name):
        return self.world.agreement(self.ids[name])

    def key(self, pid):
        return self.folder / f"{pid}.key"

    def shown(self, pid):
        return json.loads(entente("key", "show", self.key(pid), "--json").stdout)

    def card(self, pid):
        entente("key", "new", f"{pid}.example/identity", "--plain", "--out", self.key(pid))
        path = self.folder / f"{pid}.card"
        entente("party", "card", "--key", self.key(pid), "--name", NAMES[pid], "--identity", IDENTITIES[pid], "--out", path)
        self.node.run("party", "add", path, "--fingerprint", self.shown(pid)["fingerprint"])

    def user(self, name, role, party):
        self.node.run("user", "add", name, "--role", role, "--party", party, "--no-password")
        self.tokens[name] = self.node.json("token", "add", name)["token"]

    def agree(self, name, document):
        """All sign the document on machines of their own; the node takes it with their notes."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(document))
        notes = []
        for party in document["parties"]:
            notes.append(self.folder / f"{name}-{party['pid']}.note")
            entente("agreement", "sign", path, "--key", self.key(party["pid"]), "--out", notes[-1])
        self.node.run("agreement", "add", path, *notes)
        (id,) = [a["id"] for a in self.listed() if a["title"] == document["title"]]
        self.node.run("agreement", "bind", id, "--collection", "circle", "--out")
        self.node.run("agreement", "bind", id, "--collection", "circle", "--in")
        assert json.loads(self.node.run("agreement", "show", id, "--json").stdout)["stage"] == "in force"
        return id

    def listed(self):
        lines = self.node.run("agreement", "list", "--json").stdout.splitlines()
        return [json.loads(line) for line in lines]

    def states(self, word, name, pid):
        """A party suspends, resumes or ends an agreement at its own place; the node takes the note."""
        number = len(list(self.folder.glob("*.pack")))
        pack, note = self.folder / f"{number}.pack", self.folder / f"{number}.note"
        self.node.run("agreement", "send", self.ids[name], "--out", pack)
        entente("agreement", word, pack, "--key", self.key(pid), "--out", note)
        self.node.run("agreement", "add", note)

    # -- as a plain client

    def publish(self, entries):
        """Sends them; returns the ids that were not taken into the collection."""
        (pid,) = {e.source for e in entries}
        answer = self.node.post(self.path + "objects/", [e.obj for e in entries], self.tokens[f"{pid}-writer"])
        assert answer.status_code == 202, answer.text
        status = answer.json()
        assert status["status"] == "complete" and status["total_count"] == len(entries)
        return {f["id"]: f["message"] for f in status.get("failures", [])}

    def send(self, entries):
        """Publishes, and compares what came in with the model, which then holds it."""
        refused = self.publish(entries)
        expected = {e.id for e in entries if not self.world.arrives(e)}
        assert set(refused) == expected, {
            "came in all the same": sorted(expected - set(refused)),
            "was kept out": {id: refused[id] for id in set(refused) - expected},
        }
        self.world.entries.update({e.id: e for e in entries if e.id not in expected})

    def read(self, user):
        """All that the user gets, by id, over several pages."""
        got, next_page = {}, {}
        while True:
            answer = self.node.get(self.path + "objects/", self.tokens[user], params={"limit": 50, **next_page})
            if answer.status_code == 404:
                return {}
            assert answer.status_code == 200, answer.text
            page = answer.json()
            for obj in page.get("objects", []):
                assert obj["id"] not in got, "sent twice"
                got[obj["id"]] = obj
            if not page["more"]:
                return got
            next_page = {"next": page["next"]}


def readers():
    return [Reader(pid, f"{pid}-reader") for pid in PIDS if pid != OWN]


def originals(world, got):
    return {id for id in got if id in world.entries}


def copies(world, got):
    return [obj for id, obj in got.items() if id not in world.entries]


def check_served(circle):
    """Every reader gets exactly what the documents give it. Returns what each got."""
    world, all_got = circle.world, {}
    for reader in readers():
        got = all_got[reader.user] = circle.read(reader.user)
        whole, derived = world.served(reader)
        assert originals(world, got) == whole, difference(world, got, whole, reader)
        made = Counter(kept(obj) for obj in copies(world, got))
        due = Counter(kept(world.entries[id].obj) for id, _ in derived)
        assert made == due, {"for": reader, "too much": made - due, "missing": due - made}
        for obj in got.values():
            check_object(world, reader, obj)
            check_references(world, got, obj)
    own = Reader(OWN, "hub-reader")
    got = all_got[own.user] = circle.read(own.user)
    expected = world.served_own(own, RED)
    assert originals(world, got) == expected, difference(world, got, expected, own)
    assert circle.read("stranger") == {}
    return all_got


def difference(world, got, expected, reader):
    def told(ids):
        return [(world.entries[i].source, i, world.entries[i].obj.get("object_marking_refs")) for i in sorted(ids)][:8]

    return {"for": reader, "too much": told(originals(world, got) - expected), "missing": told(expected - originals(world, got))}


def kept(obj):
    """What a copy has of its original, whatever was cut out. In what is made here no two objects have one time."""
    return tuple(obj.get(k) for k in ("type", "created", "modified", "relationship_type"))


def check_object(world, reader, obj):
    """No flow to this reader lets more through than this, whatever the rest of the rules."""
    levels = [RANK[m] for m in obj.get("object_marking_refs", [])]
    levels += [RANK[g["marking_ref"]] for g in obj.get("granular_markings", [])]
    level = max(levels, default=rank("amber"))
    flows = [f for a in world.agreements if a.gives() for f in a.flows if a.among(f["to"], reader.party)]
    assert level <= max(rank(f.get("max_marking", "amber")) for f in flows)
    if level == RED:
        assert any(reader.user in f.get("named", []) for f in flows)
    if obj["id"] in world.entries:
        assert obj == world.entries[obj["id"]].obj
    else:
        assert obj["created_by_ref"] == IDENTITIES[OWN]
        assert "secret" not in json.dumps(obj).lower()


def check_references(world, got, obj):
    """Nothing names what the same source has and this reader does not get."""
    entry = world.entries.get(obj["id"])
    for id in references(obj):
        if entry is None or (id in world.entries and world.entries[id].source == entry.source):
            assert id in got or (entry is None and id not in world.entries), obj


@pytest.fixture
def ready(make_node, tmp_path):
    made = Circle(make_node(NAMES[OWN]), tmp_path)
    made.node.serve()
    return made


@pytest.fixture
def filled(ready):
    """Everyone has sent what it has."""
    makers = {pid: Maker(pid) for pid in PIDS}
    for maker in makers.values():
        maker.make()
    for pid, other in zip(PIDS, PIDS[1:] + PIDS[:1], strict=True):
        unlike(makers[pid], makers[other])
    for maker in makers.values():
        ready.send(maker.entries)
    return ready


def of(circle, got, source, kind=None):
    """The objects of one party among those that a reader got."""
    return [
        obj for id, obj in got.items()
        if id in circle.world.entries and circle.world.entries[id].source == source and kind in (None, obj["type"])
    ]


def test_eight_parties_get_what_they_agreed_on(filled):
    all_got = check_served(filled)

    # What the comparison would not show: that each rule decided something.
    def who_gets(source, kind=None):
        return {user.removesuffix("-reader") for user, got in all_got.items() if of(filled, got, source, kind)}

    assert who_gets("p2", "tool") == {OWN, "p2", "p3"}  # onward to one party
    assert who_gets("p6", "tool") == set(PIDS)  # onward to the community, of what tells no creator
    assert not any("created_by_ref" in obj for obj in of(filled, all_got["p1-reader"], "p6", "tool"))
    assert who_gets("p4", "threat-actor") == {OWN, "p4"}  # not onward; its own it gets by what others give it all
    assert who_gets("p7", "malware") == {OWN, "p7"}  # a day later
    assert who_gets("p7", "indicator") == set(PIDS)

    def gets_red(source):
        return {
            user for user, got in all_got.items()
            if any(RANK.get(m) == RED for obj in of(filled, got, source) for m in obj.get("object_marking_refs", []))
        }

    assert gets_red("p5") == {"p6-reader", "hub-reader"}
    assert gets_red(OWN) == {"p1-reader", "hub-reader"}
    assert gets_red("p6") == {"p6-reader"}  # its own; that p5 names the hub's reader is for what p5 gives
    assert copies(filled.world, all_got["p7-reader"])

    # Others' identities and ids are theirs.
    foreign = Maker("p1")
    foreign.random.seed("foreign")
    foreign.add("tool", None, "clear", name="As if by p2", created_by_ref=IDENTITIES["p2"])
    (seen, *_) = of(filled, all_got["p1-reader"], "p2", "indicator")
    later = {**seen, "modified": stamp(0), "name": "By p1", "object_marking_refs": [TLP["clear"]]}
    foreign.entries.append(Entry(later, "p1"))
    refused = filled.publish(foreign.entries)
    assert set(refused) == {e.id for e in foreign.entries}, refused
    assert all("belongs to another party" in message for message in refused.values()), refused
    assert {u: filled.read(u) for u in all_got} == all_got


def test_what_is_explained_is_what_is_served(filled):
    sample = random.Random("explained")
    ids = sorted(filled.world.entries)
    for reader in readers():
        got = filled.read(reader.user)
        for id in sample.sample(sorted(set(ids) & set(got)), 2) + sample.sample(sorted(set(ids) - set(got)), 3):
            told = filled.node.json("explain", id, "--for", reader.user)["collections"][0]["entries"]
            (entry,) = [e for e in told if e["id"] == id]
            assert (entry["access"] == "now") == (id in got), (reader, entry)
            if id in got:
                assert entry["decision"] == "released" and entry["clause"].split("/")[0] in filled.ids.values()
    all_got = {f"{pid}-reader": filled.read(f"{pid}-reader") for pid in PIDS}
    for id in sample.sample(ids, 6):
        told = filled.node.json("audience", id, check=False)["collections"][0]["entries"]
        (entry,) = [e for e in told if e["id"] == id]
        listed = {m["user"] for m in entry["readers"] if m["access"] == "now" and m["user"].endswith("-reader")}
        assert listed == {user for user, got in all_got.items() if id in got}


def test_one_party_suspends_resumes_and_leaves(filled):
    world = filled.world
    before = check_served(filled)

    filled.states("suspend", "circle", "p3")
    filled.agreement("circle").suspended = True
    without = check_served(filled)
    assert [pid for pid in PIDS if without[f"{pid}-reader"]] == [OWN, "p1"]
    assert set(without["p1-reader"]) < set(before["p1-reader"])
    late = Maker("p5")
    late.random.seed("late")
    late.add("tool", None, "clear", name="Late", confidence=90)
    (message,) = filled.publish(late.entries).values()
    assert message.startswith("the agreement is suspended: not among what you may send to this collection; held"), message
    filled.states("suspend", "hub-p1", "p1")
    filled.agreement("hub-p1").suspended = True
    assert not any(got for user, got in check_served(filled).items() if user != "hub-reader")

    # What an agreement gives is the same whatever the others do, and the union of them is what there is.
    filled.states("resume", "hub-p1", "p1")
    filled.agreement("hub-p1").suspended = False
    assert check_served(filled)["p1-reader"] == without["p1-reader"]
    filled.states("resume", "circle", "p3")
    filled.agreement("circle").suspended = False
    assert check_served(filled) == before
    filled.states("suspend", "hub-p1", "p1")
    filled.agreement("hub-p1").suspended = True
    alone = check_served(filled)
    assert set(alone["p1-reader"]) | set(without["p1-reader"]) == set(before["p1-reader"])
    # What came under an agreement that is suspended goes on no more.
    filled.states("suspend", "p2-hub", "p2")
    filled.agreement("p2-hub").suspended = True
    stopped = check_served(filled)
    assert of(filled, alone["p3-reader"], "p2", "tool") and not of(filled, stopped["p3-reader"], "p2", "tool")

    filled.states("end", "circle", "p5")
    filled.agreement("circle").left.add("p5")
    after = check_served(filled)
    assert after["p5-reader"] == {}
    for pid in PIDS:
        if pid not in (OWN, "p5"):
            assert after[f"{pid}-reader"] and not of(filled, after[f"{pid}-reader"], "p5")
    assert of(filled, before["p1-reader"], "p5") and len(world.entries) > 300


# -- real objects

REAL = {
    OWN: "opencti-datasets-stix21/**/geography.json",
    "p1": "opencti-datasets-stix21/**/sectors.json",
    "p3": "mvt-indicators-stix21/**/kingspawn.stix2",
    "p4": "oasis-cti-documentation-examples/**/poisonivy.json",
    "p5": "mvt-indicators-stix21/**/residentbat.stix2",
    "p6": "mvt-indicators-stix21/**/darksword.stix2",
    "p7": "mvt-indicators-stix21/**/rcs.stix2",
}


def real_entries(pid, path, known):
    """At most 300 objects of a file. What personal data they hold is told by `stix redact`, which has tests of its own."""
    told = entente("stix", "redact", "--strip", "all", "--as", IDENTITIES[OWN], "--json", path, check=False).stdout
    verdicts = {v["id"]: v for v in map(json.loads, told.splitlines())}
    entries = {}
    for obj in json.loads(path.read_text(encoding="utf-8"))["objects"]:
        verdict = verdicts[obj["id"]]
        if obj["id"] not in known and verdict["outcome"] != "withheld" and obj["type"] != "marking-definition":
            entries.setdefault(obj["id"], Entry(obj, pid, dict.fromkeys(verdict["stripped"], True)))
    return list(entries.values())[:300]


def test_real_objects_go_round_in_the_circle(ready, shared_data):
    sent = set()
    for pid, pattern in REAL.items():
        (path,) = list(shared_data.glob(pattern)) or [None]
        if path is None:
            continue
        entries = real_entries(pid, path, sent)
        ready.send(entries)
        sent |= {e.id for e in entries}
    if not sent:
        pytest.skip("ENTENTE_SHARED_DATA has none of the bundles")
    before = check_served(ready)
    assert len(ready.world.entries) > len(sent) / 4 and all(before.values())
    ready.states("suspend", "circle", "p7")
    ready.agreement("circle").suspended = True
    check_served(ready)
    ready.states("resume", "circle", "p7")
    ready.agreement("circle").suspended = False
    assert check_served(ready) == before
