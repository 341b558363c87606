"""Agreements as people use them: two nodes, keys, a document that both sign, and everything that may come after."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest

from support.node import entente, indicator
from support.pair import Pair, failed
from support.terminal import on_terminal


def run(*args, **options):
    return entente(*args, check=False, **options)


@pytest.fixture
def pair(make_node, tmp_path):
    return Pair(make_node, tmp_path)


# -- from a draft to what holds


def test_nothing_is_taken_when_the_note_cannot_be_written(pair):
    north, id = pair.north, pair.in_force()
    there = pair.folder / "there"
    there.write_text("")
    north.refuses(4, "suspend", id, "--key", north.key, "--out", there, words=["is there already"])
    assert north.stage(id) == "in force" and there.read_text() == ""


def test_two_nodes_come_to_an_agreement_by_files(pair):
    north, south = pair.north, pair.south
    done = north.signs("propose", pair.document())
    assert re.search(r"^was +drafted$", done.stdout, re.M) and re.search(r"^is +proposed$", done.stdout, re.M)
    shown = json.loads(north.run("list", "--json").stdout)
    id = shown["id"]
    assert shown["stage"] == "proposed" and shown["missing"] == ["south"]
    assert f"entente agreement send {id[:16]}" in done.stdout

    done = north.hands(id, south, "proposed")
    assert "waits for this node's own signature" in done.stdout
    assert south.stage(id) == "proposed"
    done = south.signs("sign", id[:16])
    assert re.search(r"^is +in force$", done.stdout, re.M)

    # What it had taken before is passed over.
    done = south.hands(id, north, "signed")
    assert done.stdout.count("known already") == 2 and "it was proposed and is in force" in done.stdout
    for party in (north, south):
        shown = party.show(id)
        assert shown["stage"] == "in force" and shown["holds"] == 1 and shown["missing"] == []
        signed = {(s["pid"], s["person"], s["office"], s["fingerprint"]) for s in shown["signatures"]}
        assert signed == {
            ("north", "Jane north", "CISO", north.fingerprint),
            ("south", "Jane south", "CISO", south.fingerprint),
        }
        assert {p["pid"]: p["party"] for p in shown["parties"]} == {"north": "North CERT", "south": "South CERT"}
        assert party.run("check", id).returncode == 0
    told = json.loads(north.run("check", id, "--json").stdout)
    assert told["sound"] and told["findings"] == []


def test_show_says_it_in_words(pair):
    path = pair.document()
    text = entente("agreement", "show", path).stdout
    assert "North gives South indicators" in text and "enforced" in text and "watched" in text
    assert "drafted" in text
    id = pair.in_force()
    text = pair.north.run("show", id).stdout
    for words in ("in force", "Jane south, CISO", pair.south.fingerprint, "north is North CERT (this node)", "no collection here feeds flow f1"):
        assert words in text, text
    assert pair.north.run("show", "North gives South indicators").stdout == text
    assert json.loads(pair.north.run("show", id, "--json").stdout)["document"]["title"] == "North gives South indicators"


def test_a_file_is_signed_without_a_node(pair):
    path, note = pair.document(), pair.folder / "south.note"
    entente("agreement", "sign", path, "--key", pair.south.key, "--person", "Jane", "--office", "CISO", "--out", note)
    assert note.read_text().startswith("entente-agreement/v1\nagr:") and "\nperson Jane\noffice CISO\n" in note.read_text()
    assert entente("agreement", "sign", path, "--key", pair.south.key).stdout.startswith("entente-agreement/v1\n")

    # Files in any order.
    entente("agreement", "sign", path, "--key", pair.north.key, "--out", pair.folder / "north.note")
    done = pair.north.run("add", note, pair.folder / "north.note", path)
    assert done.stdout.count("taken: ") == 3 and "it was proposed and is in force" in done.stdout


def test_a_key_under_a_passphrase_signs(pair):
    key, words = pair.folder / "locked.key", "six words that nobody would guess\n"
    entente("key", "new", "north.example/locked", "--out", key, "--passphrase-file", "-", stdin=words)
    verifier = json.loads(entente("key", "show", key, "--json").stdout)["key"]
    parties = json.loads(pair.document().read_text())["parties"]
    parties[0]["sign_keys"] = [verifier]
    path = pair.document("locked.json", parties=parties)
    failed(run("agreement", "sign", path, "--key", key, "--passphrase-file", "-", stdin="other words\n"), 4, "passphrase")
    done = entente("agreement", "sign", path, "--key", key, "--passphrase-file", "-", stdin=words)
    assert "north.example/locked" in done.stdout and "guess" not in done.stdout + done.stderr


def test_an_agreement_travels_through_a_taxii_collection(pair):
    """South's node is the post office; both sides read and write there as plain clients."""
    north, south = pair.north, pair.south
    north.signs("propose", pair.document())
    id = json.loads(north.run("list", "--json").stdout)["id"]
    post = south.node.collection("Post", "--alias", "post")
    south.node.grant("post", "--party", "North CERT", "--read", "--write")
    south.node.user("north", "long password", "publisher", "North CERT")
    url = south.node.serve() + f"/api/collections/{post}/"
    as_north = {"ENTENTE_USER": "north", "ENTENTE_PASSWORD": "long password"}
    as_south = {"ENTENTE_TOKEN": south.node.admin_token}
    south.refuses(4, "receive", "--from-url", url, words=["401"])
    failed(south.run("receive", "--from-url", url, check=False, env=as_south), 4, "no agreement is in")

    done = north.run("send", id, "--to-url", url, env=as_north)
    assert re.search(r"^taken +yes$", done.stdout, re.M)
    south.run("receive", "--from-url", url, env=as_south)
    assert south.stage(id) == "proposed"
    south.signs("sign", id)
    # From now on the agreement decides what North gets, and nothing is bound: the answer goes as a file.
    south.hands(id, north, "answer")
    assert north.stage(id) == "in force"
    failed(north.run("send", id, "--to-url", url, "--out", pair.folder / "x", check=False, env=as_north), 2, "one of")
    south.refuses(2, "receive", words=["one of FILE"])


# -- what it acts on


def test_map_and_bind_say_where_it_acts(pair):
    id, north = pair.in_force(), pair.north
    assert north.run("map", id, "south", "none").returncode == 0
    assert {p["pid"]: p["party"] for p in north.show(id)["parties"]}["south"] is None
    assert "agreement map" in north.run("check", id).stdout
    north.refuses(4, "map", id, "south", "North CERT")
    north.refuses(4, "map", id, "west", "South CERT", words=["no party 'west'"])
    north.refuses(4, "map", id, "south", "West CERT", words=["entente party list"])
    north.run("map", id, "south", "South CERT")

    north.refuses(2, "bind", id, "--collection", "shared", words=["--out", "--in"])
    north.refuses(4, "bind", id, "--collection", "shared", "--flow", "f9", "--out", words=["no flow 'f9'"])
    north.refuses(4, "bind", id, "--collection", "nothing", "--out")
    shown = json.loads(north.run("bind", id, "--collection", "shared", "--out", "--json").stdout)
    assert shown["bindings"] == [{"flow": "", "collection": north.collection, "way": "out"}]
    north.refuses(4, "bind", id, "--collection", "shared", "--out", words=["bound already"])
    assert "no collection here feeds" not in north.run("show", id).stdout
    assert re.search(r"^out +api/shared \(every flow\)$", north.run("show", id).stdout, re.M)
    assert json.loads(north.run("unbind", id, "--collection", "shared", "--out", "--json").stdout)["bindings"] == []
    north.refuses(4, "unbind", id, "--collection", "shared", "--out", words=["not bound"])


def test_what_it_says_is_what_a_running_server_gives(pair):
    """Commands act at the next request: before the agreement, in force and bound, suspended, resumed, ended."""
    north = pair.north
    siem = north.node.user("siem", "long password", "reader", "South CERT")
    north.node.serve()
    path = north.node.objects_path(north.collection)
    amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    objects = [indicator(1), indicator(2, object_marking_refs=[amber]), indicator(3, object_marking_refs=[red])]
    assert north.node.post(path, objects, north.node.admin_token).status_code == 202

    def got():
        answer = north.node.get(path, siem)
        return {o["name"] for o in answer.json().get("objects", [])} if answer.status_code == 200 else answer.status_code

    assert got() == 404
    id = pair.in_force()
    assert got() == 404
    north.run("bind", id, "--collection", "shared", "--flow", "f1", "--out")
    assert got() == {"Indicator 1", "Indicator 2"}
    north.run("suspend", id, "--key", north.key)
    assert got() in (404, set())
    north.run("resume", id, "--key", north.key)
    assert got() == {"Indicator 1", "Indicator 2"}
    north.run("end", id, "--key", north.key)
    assert got() in (404, set())


def test_a_partys_new_name_acts_at_the_next_request(pair):
    """Onward rules name parties: whoever is called so from now on gets what was withheld, later than what it had."""
    north = pair.north
    green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
    sender = north.node.user("sender", "long password", "publisher", "South CERT")
    north.node.run("party", "add", "Waste")
    west = north.node.user("west", "long password", "reader", "Waste")
    north.node.run("grant", "add", "shared", "--party", "Waste", "--read", "--max-marking", "TLP:GREEN")
    flows = [{"fid": "f1", "from": ["south"], "to": ["north"], "max_marking": "amber"}]
    onward = {"allowed": True, "max_marking": "green", "to": ["party:West"], "attribution": "may"}
    north.signs("propose", pair.document(flows=flows, onward=onward))
    id = json.loads(north.run("list", "--json").stdout)["id"]
    north.hands(id, pair.south, "proposed")
    pair.south.signs("sign", id)
    pair.south.hands(id, north, "signed")
    north.run("bind", id, "--collection", "shared", "--in")
    north.node.serve()
    path = north.node.objects_path(north.collection)
    for number, by in ((1, sender), (2, north.node.admin_token)):
        assert north.node.post(path, [indicator(number, object_marking_refs=[green])], by).status_code == 202
    last = [None]

    def poll():
        answer = north.node.get(path if last[0] is None else f"{path}?added_after={last[0]}", west)
        last[0] = answer.headers.get("X-TAXII-Date-Added-Last", last[0])
        return {o["name"] for o in answer.json().get("objects", [])}

    assert poll() == {"Indicator 2"}
    north.node.run("party", "set", "Waste", "--name", "West")
    assert poll() == {"Indicator 1"}
    north.node.run("party", "set", "West", "--name", "Waste")
    last[0] = None
    assert poll() == {"Indicator 2"}


def test_an_export_gives_nothing_after_the_end_though_no_server_looked(pair):
    north = pair.north
    north.node.run("user", "add", "siem", "--party", "South CERT", "--no-password")
    # So that what ends is seen: the commands until there take less.
    seconds = 8
    until = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    validity = {"from": "2026-01-01T00:00:00Z", "until": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
    north.signs("propose", pair.document(validity=validity))
    id = json.loads(north.run("list", "--json").stdout)["id"]
    north.hands(id, pair.south, "proposed")
    pair.south.signs("sign", id)
    pair.south.hands(id, north, "signed")
    north.run("bind", id, "--collection", "shared", "--out")
    north.node.run("import", "-", "--collection", "shared", stdin=json.dumps([indicator(1)]))
    export = ["export", "--for", "siem", "--collection", "shared"]
    assert "Indicator 1" in north.node.run(*export).stdout
    while datetime.now(timezone.utc) <= until:
        done = north.node.run(*export, check=False)
    done = north.node.run(*export, check=False)
    assert "Indicator 1" not in done.stdout
    failed(done, 4, "may not read")


# -- suspended, resumed, ended


def test_either_suspends_and_alone_resumes(pair):
    id, north, south = pair.in_force(), pair.north, pair.south
    note = pair.folder / "suspend.note"
    done = north.run("suspend", id, "--key", north.key, "--reason", "a breach at our side", "--out", note)
    assert re.search(r"^is +suspended$", done.stdout, re.M)
    assert "a breach at our side" in north.run("show", id).stdout
    south.run("add", note)
    assert south.stage(id) == "suspended"

    failed(south.run("resume", id, "--key", south.key, check=False), 4, "no suspension by south")
    north.run("suspend", id, "--key", north.key, "--reason", "and another")
    lifted = pair.folder / "resume.pack"
    north.run("resume", id, "--key", north.key, "--out", lifted)
    assert north.stage(id) == "in force"
    failed(north.run("resume", id, "--key", north.key, check=False), 4, "no suspension by north")
    done = south.run("receive", lifted, check=False)
    assert done.returncode == 3 and "no suspension" in done.stdout  # of the second one it does not know yet
    north.hands(id, south, "all")
    assert south.stage(id) == "in force"


def test_the_end_is_the_end(pair):
    id, north, south = pair.in_force(), pair.north, pair.south
    note = pair.folder / "end.note"
    south.run("end", id, "--key", south.key, "--reason", "moved away", "--out", note)
    north.run("add", note)
    assert north.stage(id) == south.stage(id) == "ended"
    assert north.show(id)["left"] == ["south"]
    assert "nothing lets it go on" in north.run("check", id).stdout


def test_a_pack_is_suspended_without_a_node(pair):
    id = pair.in_force()
    pack, note = pair.folder / "signed.pack", pair.folder / "stop.note"
    entente("agreement", "suspend", pack, "--key", pair.south.key, "--out", note)
    pair.north.run("add", note)
    assert pair.north.stage(id) == "suspended"
    assert "in force" in entente("agreement", "show", pack).stdout
    failed(run("agreement", "suspend", pair.document(), "--key", pair.south.key), 4, "not signed by all")


# -- drafts and amendments


def test_a_template_makes_a_document_that_can_be_signed(pair):
    north, south = pair.north, pair.south
    path = pair.folder / "new.json"
    north.node.run("party", "add", "East CERT")
    north.refuses(4, "new", "--template", "bilateral", "--party", "East CERT", words=["East CERT has no card here"])
    done = north.run("new", "--template", "bilateral", "--party", "s=South CERT", "--type", "indicator", "--type", "malware",
                     "--max-marking", "TLP:GREEN", "--sightings-days", "7", "--onward", "clients", "--until", "2090-01-01",
                     "--title", "Both ways", "--out", path)
    assert "entente agreement propose" in done.stdout
    made = json.loads(path.read_text())
    assert [p["pid"] for p in made["parties"]] == ["north-cert", "s"]
    assert made["parties"][1]["sign_keys"] == [south.verifier]
    assert {f["max_marking"] for f in made["flows"]} == {"green"} and len(made["flows"]) == 2
    assert made["flows"][0]["select"]["types"] == ["indicator", "malware"]
    assert made["obligations"][0]["within"] == "P7D" and made["onward"]["to"] == ["clients"]
    north.signs("propose", path)
    id = json.loads(north.run("list", "--json").stdout)["id"]
    north.hands(id, south, "new")
    south.signs("sign", id)
    assert south.stage(id) == "in force"
    # Cards are enough: no node.
    drawn = entente("agreement", "new", "--template", "circle", "--party", south.card, "--party", north.card)
    assert [p["name"] for p in json.loads(drawn.stdout)["parties"]] == ["South CERT", "North CERT"]
    north.refuses(4, "new", "--template", "circle", "--party", "South CERT", "--out", path, words=["is there already"])


@pytest.mark.parametrize(
    "options, code, words",
    [
        ([], 2, "--template"),
        (["--template", "triangle"], 2, "bilateral, hub, circle or terms"),
        (["--template", "hub", "--party", "Nobody"], 4, "entente party list"),
        (["--template", "hub", "--until", "2001-01-01"], 2, "2001"),
        (["--template", "hub", "--keep", "everything"], 2, "--keep"),
        (["--template", "hub", "--max-marking", "TLP:PINK"], 2, "PINK"),
        (["--from-grants", "South CERT"], 2, "--collection"),
        (["--from-grants", "South CERT", "--collection", "shared"], 4, "no grant to read"),
    ],
)
def test_a_draft_that_cannot_be_made_says_why(pair, options, code, words):
    pair.north.refuses(code, "new", *options, words=[words])


def test_grants_become_one_sided_terms(pair):
    north = pair.north
    north.node.grant("shared", "--party", "South CERT", "--read", "--write", "--max-marking", "TLP:GREEN")
    path = pair.folder / "terms.json"
    done = north.run("new", "--from-grants", "South CERT", "--collection", "shared", "--out", path)
    assert "only give" in done.stderr
    made = json.loads(path.read_text())
    assert made["one_sided"] and made["flows"][0]["max_marking"] == "green"
    assert (made["flows"][0]["from"], made["flows"][0]["to"]) == (["north-cert"], ["south-cert"])
    north.signs("propose", path)
    shown = json.loads(north.run("list", "--json").stdout)
    assert shown["stage"] == "in force" and shown["missing"] == []


def test_an_amendment_holds_when_both_have_signed_it(pair):
    id, north, south = pair.in_force(), pair.north, pair.south
    document = json.loads(pair.document().read_text())
    document["flows"][0]["max_marking"] = "red"
    document["flows"][0]["named"] = ["siem"]
    edited, amended = pair.document("edited.json", **document), pair.folder / "amended.json"
    done = north.run("amend", id, "--set-from", edited, "--out", amended)
    assert re.search(r'^expanded +/flows/f1/max_marking: "amber" -> "red"$', done.stdout, re.M), done.stdout
    assert "needs their signatures: north" in done.stdout
    made = json.loads(amended.read_text())
    assert made["version"] == 2 and made["id"] == id and re.fullmatch(r"[0-9a-f]{64}", made["previous"])
    done = north.run("diff", id, amended)
    assert "expanded" in done.stdout
    assert "narrowed" in north.run("diff", amended, id).stdout
    assert north.run("diff", id, id, check=False).returncode == 1
    assert json.loads(north.run("diff", id, amended, "--json").stdout)["widened"] == ["north"]

    north.signs("propose", amended)
    shown = north.show(id)
    assert shown["holds"] == 1 and shown["next"] == 2 and shown["missing"] == ["south"] and shown["stage"] == "in force"
    north.hands(id, south, "amended")
    south.signs("sign", id)
    assert south.show(id)["holds"] == 2
    assert south.show(f"{id}@1")["version"] == 1
    assert "expanded" in south.run("diff", f"{id}@1", f"{id}@2").stdout
    # The old version, replayed, and another one in the place of what was agreed.
    south.hands(id, north, "agreed")
    assert north.run("receive", pair.folder / "signed.pack").stdout.count("known already") == 3
    assert north.show(id)["holds"] == 2
    made["title"] = "A fork"
    fork = pair.folder / "fork.json"
    fork.write_text(json.dumps(made))
    north.refuses(4, "add", fork, words=["another version 2 is signed by all"])
    made["version"], made["previous"] = 4, "0" * 64
    fork.write_text(json.dumps(made))
    north.refuses(4, "add", fork, words=["/previous"])


def test_a_draft_is_not_amended(pair):
    pair.north.signs("propose", pair.document())
    id = json.loads(pair.north.run("list", "--json").stdout)["id"]
    pair.north.refuses(4, "amend", id, words=["while it is a draft"])


def test_without_a_template_the_terminal_is_asked(pair):
    north = pair.north
    path = pair.folder / "asked.json"
    answers = ["", "South CERT", "", "Asked", "TLP:GREEN", "indicator", "", "7", "2090-01-01"]
    done = on_terminal(["agreement", "new", "--data", north.node.directory, "--out", path], [a + "\n" for a in answers])
    assert done.code == 0, done.shown
    made = json.loads(path.read_text())
    assert made["title"] == "Asked" and [p["name"] for p in made["parties"]] == ["North CERT", "South CERT"]
    assert made["flows"][0]["select"] == {"types": ["indicator"]} and made["flows"][0]["max_marking"] == "green"
    assert made["obligations"][0]["within"] == "P7D" and made["validity"]["until"].startswith("2090-01-01")


def test_a_key_that_follows_another_signs_where_that_is_known(pair):
    north, south = pair.north, pair.south
    north.signs("propose", pair.document())
    id = json.loads(north.run("list", "--json").stdout)["id"]
    new, rotation = pair.folder / "new.key", pair.folder / "rotation.note"
    entente("key", "new", "south.example/new", "--plain", "--out", new)
    north.refuses(4, "sign", id, "--key", new, words=["signs for no party"])
    entente("key", "rotate", new, "--key", south.key, "--until", "now", "--out", rotation)
    north.node.run("party", "add", rotation)
    failed(run("agreement", "sign", pair.folder / "agreement.json", "--key", new), 4, "at a node")
    failed(north.run("sign", id, "--key", south.key, check=False), 4, "revoked")
    north.run("sign", id, "--key", new)
    assert north.stage(id) == "in force"


# -- what is refused


def test_a_half_signed_agreement_gives_nothing(pair):
    pair.north.signs("propose", pair.document())
    id = json.loads(pair.north.run("list", "--json").stdout)["id"]
    assert pair.north.stage(id) == "proposed"
    failed(pair.north.run("suspend", id, "--key", pair.north.key, check=False), 4, "not signed by all")
    failed(pair.north.run("sign", id, "--key", pair.north.key, check=False), 4, "signed this version already")


def test_a_wrong_key_signs_nothing(pair):
    stranger = pair.folder / "stranger.key"
    entente("key", "new", "north.example/identity", "--plain", "--out", stranger)
    path = pair.document()
    failed(run("agreement", "sign", path, "--key", stranger), 4, "signs for no party", "north.example/identity of north")
    failed(pair.north.run("propose", path, "--key", stranger, check=False), 4, "signs for no party")
    assert pair.north.run("list").stdout == "no agreements\n"
    # A note whose text or signature was changed.
    note = entente("agreement", "sign", path, "--key", pair.south.key, "--person", "Jane").stdout
    pair.north.run("add", path)
    forged = pair.folder / "forged.note"
    forged.write_text(note.replace("person Jane", "person Joan"))
    pair.north.refuses(4, "add", forged)
    id = json.loads(pair.north.run("list", "--json").stdout)["id"]
    assert pair.north.stage(id) == "drafted"


def test_a_note_before_its_document_says_what_is_missing(pair):
    note = pair.folder / "south.note"
    entente("agreement", "sign", pair.document(), "--key", pair.south.key, "--out", note)
    pair.north.refuses(4, "add", note, words=["take its document first"])


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_file_that_is_cut_off_is_refused_whole(pair, cut):
    pair.in_force()
    whole = (pair.folder / "signed.pack").read_text()
    damaged = pair.folder / "damaged.pack"
    damaged.write_text(whole[: -1 - cut])
    pair.south.refuses(3, "receive", damaged, words=["damaged.pack", "cut off"])


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "nothing is in it"),
        ("hello\n", "neither an agreement"),
        ('{"schema":"entente-pack/1","records":[]}', "empty"),
        ('{"schema":"entente-pack/1","records":[{"kind":"letter","body":""}]}', "/records/0: /kind"),
        ('{"schema":"entente-pack/1","records":[{"kind":"document"}]}', "/records/0"),
        ('{"schema":"entente-pack/1","records":[{"kind":"signature","body":"x"}]}', "/records/0"),
        ('{"schema":"entente-pack/1","records":[],"more":1}', "nothing else"),
        ('{"schema":"entente-agreement/1"}', "/title"),
    ],
)
def test_what_is_no_paper_is_refused(node, tmp_path, text, words):
    path = tmp_path / "paper"
    path.write_text(text)
    failed(node.run("agreement", "add", path, check=False), 3, words)


def test_check_tells_what_is_wrong_with_a_document(pair):
    path = pair.document(flows=[{"fid": "f1", "from": ["north"], "to": ["west"], "max_markings": "red"}])
    done = run("agreement", "check", path)
    assert done.returncode == 1 and "max_marking" in done.stdout
    done = run("agreement", "check", path, "--json")
    assert not json.loads(done.stdout)["sound"]
    assert "nothing is wrong" in entente("agreement", "check", pair.document()).stdout


def test_an_agreement_that_is_not_there(pair):
    failed(run("agreement", "show", "agr:00"), 2, "--data")
    failed(run("agreement", "show", "nofile.json"), 4, "no such file")
    pair.north.refuses(4, "show", "agr:00", words=["entente agreement list"])
    id = pair.in_force()
    pair.north.refuses(4, "show", f"{id}@7", words=["no version 7"])
