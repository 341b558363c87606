"""Feeds for sensors: what may be used so is in them, what may not is not, and they stay current while the node serves."""

import json
import shutil
import stat
import subprocess
import time
from datetime import UTC, datetime

import pytest
from support.node import indicator
from support.pair import Pair, failed

SUFFIXES = "// a list\ncom\nexample\nco.uk\n"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def domain(number, name, **more):
    return indicator(number, pattern=f"[domain-name:value = '{name}']", **more)


def lines(folder, name):
    return (folder / name).read_text().splitlines()


def eventually(look, wanted, seconds=10.0):
    began = time.monotonic()
    while look() != wanted:
        assert time.monotonic() - began < seconds, (look(), wanted)
        time.sleep(0.02)


class Feeds:
    """A node with a sensor that reads `shared`, and folders for its feeds."""

    def __init__(self, node, folder, collection="shared"):
        self.node, self.folder = node, folder
        node.run("user", "add", "sensor", "--no-password")
        node.run("grant", "add", collection, "--user", "sensor", "--read")
        self.suffixes = folder / "suffixes.dat"
        self.suffixes.write_text(SUFFIXES)

    def add(self, name, purpose, format, *more, check=True):
        out = self.folder / name
        out.mkdir(exist_ok=True)
        if purpose == "block":
            more += ("--suffixes", self.suffixes)
        done = self.node.run(
            "feed", "add", name, "--for", "sensor", "--purpose", purpose, "--format", format, "--out", out, *more, "--json",
            check=check,
        )
        return out if check else done

    def show(self, name):
        return self.node.json("feed", "show", name)


@pytest.fixture
def feeds(node, tmp_path):
    node.shared = node.collection("Shared", "--alias", "shared")
    node.user("writer", "a long password", "publisher")
    node.grant("shared", "--user", "writer", "--read", "--write")
    return Feeds(node, tmp_path)


def imports(node, *objects):
    return node.run("import", "-", "--collection", "shared", "--as", "writer", stdin=json.dumps(list(objects)))


def test_terms_decide_what_is_blocked_and_hunted(make_node, tmp_path):
    pair = Pair(make_node, tmp_path)
    north, south = pair.north, pair.south
    south.node.user("north-node", "a long password", "publisher", "North CERT")

    def agrees(title, actions):
        document = pair.document(title=title, use={"permitted_actions": actions})
        north.signs("propose", document)
        id = next(a["id"] for a in map(json.loads, north.run("list", "--json").stdout.splitlines()) if a["title"] == title)
        north.hands(id, south, title)
        south.signs("sign", id)
        south.hands(id, north, title + "-signed")
        return id

    hunting = agrees("Hunting", "internally-visible-actions")
    south.run("bind", hunting, "--collection", "shared", "--in")
    feeds = Feeds(south.node, tmp_path)
    put = lambda *objects: south.node.run(  # noqa: E731
        "import", "-", "--collection", "shared", "--as", "north-node", stdin=json.dumps(objects)
    )
    put(domain(1, "only.hunt.example", created_by_ref=north.identity))
    blocking = agrees("Blocking", "externally-visible-direct-actions")
    south.run("unbind", hunting, "--collection", "shared", "--in")
    south.run("bind", blocking, "--collection", "shared", "--in")
    put(domain(2, "may.block.example", created_by_ref=north.identity))

    wall = feeds.add("wall", "block", "plain", "--kind", "domain")
    hunt = feeds.add("hunt", "hunt", "suricata-rules")
    assert lines(wall, "domain.txt") == ["may.block.example"]
    rules = (hunt / "entente-hunt.rules").read_text()
    assert "only.hunt.example" in rules and "may.block.example" in rules and "drop " not in rules
    report = feeds.show("wall")["report"]
    assert report["values"] == 1 and report["left_out"] == {"its agreement does not permit this use": 1}
    assert stat.S_IMODE((wall / "domain.txt").stat().st_mode) == 0o640

    # An agreement that stops stops both; nothing has to be published for that.
    south.signs("suspend", blocking)
    assert south.node.run("feed", "write", check=False).returncode == 0
    assert lines(wall, "domain.txt") == []
    rules = (hunt / "entente-hunt.rules").read_text()
    assert "only.hunt.example" in rules and "may.block.example" not in rules
    # What a feed gave is on record.
    given = south.node.run("disclosed", "--to", "sensor").stdout
    assert domain(2, "")["id"] in given and "values of it, in a feed" in given


def test_a_serving_node_keeps_feeds_current(feeds):
    node = feeds.node
    soon = datetime.fromtimestamp(time.time() + 2.5, UTC).isoformat(timespec="milliseconds")[:23]
    imports(node, domain(1, "one.example"), domain(2, "two.example"), domain(3, "ends.example", valid_until=soon + "Z"))
    wall = feeds.add("wall", "block", "plain", "--kind", "domain", "--collection", "shared")
    assert lines(wall, "domain.txt") == ["ends.example", "one.example", "two.example"]
    assert feeds.show("wall")["report"]["changes_at"].startswith(soon)
    node.serve()
    path = node.objects_path(node.shared)
    auth = ("writer", "a long password")
    blocked = lambda: [name for name in lines(wall, "domain.txt") if name != "ends.example"]  # noqa: E731

    revoked = domain(1, "one.example", modified="2024-02-01T00:00:00.000Z", revoked=True)
    assert node.post(path, [revoked, domain(4, "four.example")], auth).status_code == 202
    eventually(blocked, ["four.example", "two.example"])
    node.run("own-assets", "add", "four.example")
    eventually(blocked, ["two.example"])
    node.run("own-assets", "remove", "four.example")
    assert node.request("DELETE", path + domain(2, "")["id"] + "/", auth).status_code == 200
    eventually(blocked, ["four.example"])
    eventually(lambda: lines(wall, "domain.txt"), ["four.example"])
    # A right that is taken away leaves nothing.
    node.run("grant", "remove", "shared", "--user", "sensor")
    eventually(blocked, [])
    eventually(lambda: feeds.show("wall")["report"]["notes"], ["its user may not read 'Shared'"])
    node.run("feed", "remove", "wall", "--files")
    assert list(wall.iterdir()) == []
    assert "a feed was not written" not in node.log()


def test_blocking_feeds_refuse_what_would_hurt(feeds, tmp_path):
    node = feeds.node
    imports(
        node,
        domain(1, "evil.example"),
        domain(2, "www.ours.example"),
        domain(3, "co.uk"),
        domain(4, "cdn.example"),
        indicator(5, pattern="[ipv4-addr:value = '192.90.0.0/16']"),
        indicator(6, pattern="[ipv4-addr:value = '10.1.2.3']"),
        indicator(7, pattern="[ipv4-addr:value = '192.88.7.9']"),
        indicator(8, pattern="[ipv4-addr:value = '192.88.200.0/24']"),
        indicator(9, pattern="[url:value = 'http://evil.example/a' AND file:name = 'x']"),
    )
    node.run("own-assets", "add", "ours.example", "192.88.7.0/24")
    listed = node.run("own-assets", "list", "--json").stdout.splitlines()
    assert [json.loads(line)["asset"] for line in listed] == ["192.88.7.0/24", "ours.example"]
    warning = tmp_path / "list.json"
    warning.write_text(json.dumps({"name": "Delivery", "type": "hostname", "list": ["cdn.example"]}))
    node.run("warning-list", "add", warning, "--action", "stop")
    wall = feeds.add("wall", "block", "plain")
    assert lines(wall, "domain.txt") == ["evil.example"]
    assert lines(wall, "ipv4.txt") == [] and lines(wall, "cidr.txt") == ["192.88.200.0/24"]
    assert feeds.show("wall")["report"]["left_out"] == {
        "needs the matcher": 1, "an own asset": 2, "a private or special address": 1, "a network shorter than /24 (IPv6: /48)": 1,
        "a public suffix": 1, "on a warning list": 1,
    }
    # For those who only look for it all of it is there, and counted.
    hunt = feeds.add("hunt", "hunt", "plain")
    assert len(lines(hunt, "domain.txt")) == 4 and len(lines(hunt, "ipv4.txt")) == 2
    assert feeds.show("hunt")["report"]["warned"] == {"Delivery": 1}
    # A list that informs stops nothing; a person may let one value in, and says why.
    node.run("warning-list", "add", warning)
    node.run("feed", "write", "wall")
    assert lines(wall, "domain.txt") == ["cdn.example", "evil.example"]
    failed(feeds.add("let", "block", "plain", "--allow", "www.ours.example", check=False), 2, "--reason")
    let = feeds.add("let", "block", "plain", "--allow", "www.ours.example", "--reason", "a test of our own")
    assert lines(let, "domain.txt") == ["cdn.example", "evil.example", "www.ours.example"]
    assert feeds.show("let")["report"]["overridden"] == ["domain www.ours.example"]
    node.run("warning-list", "remove", "Delivery")
    assert node.run("warning-list", "list", check=False).returncode == 1


def test_what_one_partner_sends_neither_withdraws_nor_replaces_anothers(feeds):
    node = feeds.node
    node.collection("Other", "--alias", "other")
    node.run("grant", "add", "other", "--user", "sensor", "--read")
    for name, collection in (("north", "shared"), ("east", "other")):
        node.run("party", "add", f"{name} CERT")
        node.user(name, "a long password", "publisher", f"{name} CERT")
        node.grant(collection, "--user", name, "--read", "--write")

    def put(name, collection, *objects):
        node.run("import", "-", "--collection", collection, "--as", name, stdin=json.dumps(list(objects)))

    later = "2024-02-01T00:00:00.000Z"
    put("north", "shared", domain(1, "one.example"), domain(2, "two.example"))
    put("east", "other", domain(1, "one.example", modified=later, revoked=True), domain(2, "beside.example", modified=later))
    wall = feeds.add("wall", "block", "plain", "--kind", "domain")
    assert lines(wall, "domain.txt") == ["beside.example", "one.example", "two.example"]
    put("north", "shared", domain(1, "one.example", modified=later, revoked=True))
    node.run("feed", "write", "wall")
    assert lines(wall, "domain.txt") == ["beside.example", "two.example"]


def test_what_is_wrong_is_said_and_nothing_is_set_up(feeds, tmp_path):
    node = feeds.node
    failed(feeds.add("No Name", "block", "plain", check=False), 2, "a-z, 0-9 and -")
    failed(feeds.add("x", "smite", "plain", check=False), 2, "block", "hunt", "look")
    failed(feeds.add("x", "look", "zeek", check=False), 2, "hunt")
    failed(feeds.add("x", "hunt", "csv", check=False), 2, "suricata-rules")
    failed(feeds.add("x", "hunt", "zeek", "--kind", "ja3", check=False), 2, "ja3")
    failed(feeds.add("x", "hunt", "plain", "--collection", "other", check=False), 4, "other")
    other = node.collection("Other", "--alias", "other")
    assert other
    failed(feeds.add("x", "hunt", "plain", "--collection", "other", check=False), 4, "may not read 'Other'")
    args = ["feed", "add", "x", "--for", "sensor", "--purpose", "block", "--format", "plain"]
    failed(node.run(*args, "--out", tmp_path / "none", check=False), 4, "none", "make the folder")
    failed(node.run(*args, "--out", tmp_path, "--suffixes", tmp_path / "no.dat", check=False), 4, "publicsuffix")
    failed(node.run("feed", "write", check=False), 4, "no feed")
    assert node.run("feed", "list", check=False).returncode == 1
    feeds.add("x", "hunt", "plain")
    failed(feeds.add("x", "hunt", "plain", check=False), 4, "there is a feed 'x'")
    failed(node.run("own-assets", "add", "no asset", check=False), 2, "no own asset")
    failed(node.run("own-assets", "remove", "example.org", check=False), 4, "none")
    (tmp_path / "bad.json").write_text('{"name":"x","type":"shape","list":[]}')
    failed(node.run("warning-list", "add", tmp_path / "bad.json", check=False), 3, "bad.json", "hostname")


def test_suricata_takes_its_rules(feeds):
    if shutil.which("suricata") is None:
        pytest.skip("Suricata is not installed")
    imports(feeds.node, domain(1, "evil.example"), indicator(2, pattern="[ipv4-addr:value = '192.88.200.0/24']"))
    for format in ("suricata-rules", "suricata-dataset"):
        out = feeds.add(format, "block", format)
        done = subprocess.run(
            ["suricata", "-T", "-l", out, "-S", out / f"entente-{format}.rules"], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
