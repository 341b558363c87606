"""Backup and restore, ageing, room, purges and holds, through commands and against a running server."""

import json
import sqlite3

import pytest

from support.node import Node, indicator
from support.partner import PartnerScene, partly_red


def secret(number, text):
    """An indicator with a text to look for, of which the partner gets a redacted copy."""
    return partly_red(number, f"{text} visible", f"{text} hidden")


class Scene(PartnerScene):
    def __init__(self, make_node):
        super().__init__(make_node)
        self.token = self.node.json("token", "add", "siem")["token"]
        self.node.serve()

    def get(self, token=None, **params):
        answer = self.node.get(self.path(), token or self.token, params=params)
        assert answer.status_code == 200, answer.text
        return answer

    def numbers(self, token=None, **params):
        return [int(o["id"].split("--")[1][:8], 16) for o in self.get(token, **params).json().get("objects", [])]


@pytest.fixture
def scene(make_node):
    return Scene(make_node)


def moved(node, directory):
    """A node that lies in another directory now."""
    other = object.__new__(Node)
    other.directory, other.name, other.process, other.url = directory, node.name, None, None
    other.admin_token = node.admin_token
    return other


# -- backup and restore


def test_backup_while_serving_and_restore_elsewhere(scene, tmp_path):
    scene.publish(*[indicator(n) for n in range(20)])
    made = scene.node.json("backup", "--out", tmp_path)
    file = tmp_path / made["file"].split("/")[-1]
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("entente-")) == [file.name], "no drafts"
    scene.publish(indicator(50))
    elsewhere = tmp_path / "other"
    said = json.loads(scene.node.run_plain("restore", file, "--data", elsewhere, "--json").stdout)
    assert said["sha256"] == made["sha256"]
    there = moved(scene.node, elsewhere)
    assert there.run("check").returncode == 0
    scene.node.stop()
    there.serve()
    try:
        answer = there.get(scene.path(), scene.token)
        assert len(answer.json()["objects"]) == 20, "tokens and keys came along"
    finally:
        there.stop()


def test_readers_lose_and_repeat_nothing_across_a_restore(scene, tmp_path):
    scene.publish(*[indicator(n) for n in range(6)])
    early = scene.get(limit=4)  # a cursor from before the backup
    file = tmp_path / "node.backup"
    scene.node.run("backup", "--out", file)
    scene.publish(*[indicator(n) for n in range(100, 110)])
    # Reads on into what will be lost, and stops in the middle of it.
    late = scene.get(limit=9)
    assert scene.numbers() == [*range(6), *range(100, 110)]
    # The node that will be replaced has given dates that lie ahead of the clock.
    with sqlite3.connect(scene.node.directory / "entente.db") as database:
        database.execute("UPDATE head SET next_base = next_base + 120000000")
    scene.publish(indicator(110))
    date = scene.get().headers["X-TAXII-Date-Added-Last"]
    scene.node.stop()
    scene.node.run("restore", file, "--replace")
    scene.node.serve()
    assert scene.numbers() == [*range(6)]
    scene.publish(*[indicator(n) for n in range(200, 203)])
    # Each way to go on gives what is new, once, and nothing that the reader had.
    assert scene.numbers(next=early.json()["next"]) == [4, 5, 200, 201, 202]
    assert scene.numbers(next=late.json()["next"]) == [200, 201, 202]
    assert scene.numbers(added_after=date) == [200, 201, 202]
    assert scene.numbers() == [*range(6), 200, 201, 202]
    put_aside = [p for p in scene.node.directory.iterdir() if p.name.startswith("replaced-")]
    assert len(put_aside) == 1 and (put_aside[0] / "entente.db").exists()
    before = (put_aside[0] / "entente.db").read_bytes()
    # The same backup once more: what came after the first restore is of a life that ended, too.
    cursor = scene.get(limit=8).json()["next"]
    scene.node.stop()
    scene.node.run("restore", file, "--replace")
    scene.node.serve()
    assert (put_aside[0] / "entente.db").read_bytes() == before, "within a second or not, it stays as it was put aside"
    assert len([p for p in scene.node.directory.iterdir() if p.name.startswith("replaced-")]) == 2
    scene.publish(indicator(300))
    assert 300 in scene.numbers(next=cursor)
    acts = scene.node.run("check")
    assert acts.returncode == 0


@pytest.fixture(scope="module")
def backups(tmp_path_factory):
    """A plain backup and one under a passphrase."""
    folder = tmp_path_factory.mktemp("backups")
    node = Node(folder / "node")
    node.collection("Indicators")
    (folder / "passphrase").write_text("correct horse battery\n")
    (folder / "wrong").write_text("incorrect horse battery\n")
    node.run("backup", "--out", folder / "plain.backup")
    node.run("backup", "--out", folder / "sealed.backup", "--passphrase-file", folder / "passphrase")
    return node, folder


def refused(node, file, target, *options):
    done = node.run_plain("restore", file, "--data", target, *options, check=False)
    assert done.returncode != 0, done.stdout
    assert not target.exists(), "nothing was made"
    return done


def test_a_sealed_backup_needs_its_passphrase(backups, tmp_path):
    node, folder = backups
    sealed = (folder / "sealed.backup").read_bytes()
    assert b"SQLite" not in sealed and b"SQLite" in (folder / "plain.backup").read_bytes()
    target = tmp_path / "there"
    done = refused(node, folder / "sealed.backup", target, "--passphrase-file", folder / "wrong")
    assert "passphrase is wrong" in done.stderr
    node.run_plain("restore", folder / "sealed.backup", "--data", target, "--passphrase-file", folder / "passphrase")
    assert (target / "keys" / "token.key").read_bytes() == (node.directory / "keys" / "token.key").read_bytes()
    assert (target / "entente.db").stat().st_mode & 0o777 == 0o600


def test_who_names_a_passphrase_is_not_given_a_backup_without_one(backups, tmp_path):
    """Whoever can write where backups lie could make a plain one."""
    node, folder = backups
    done = refused(node, folder / "plain.backup", tmp_path / "there", "--passphrase-file", folder / "passphrase")
    assert "is not encrypted" in done.stderr
    said = node.run_plain("restore", folder / "plain.backup", "--data", tmp_path / "there").stdout
    assert "nothing shows that nobody changed it" in said


def test_a_copy_that_a_killed_backup_left_goes(backups, tmp_path):
    node, _ = backups
    left = node.directory / "backup-copy-999999999"
    left.write_bytes(b"all that the node knows")
    node.run("backup", "--out", tmp_path / "next.backup")
    assert not left.exists() and not list(node.directory.glob("backup-copy-*"))
    assert [p.name for p in tmp_path.iterdir()] == ["next.backup"]


@pytest.mark.parametrize("kind", ["plain", "sealed"])
@pytest.mark.parametrize("damage", ["cut", "cut_much", "changed", "longer", "head"])
def test_a_damaged_backup_changes_nothing(backups, tmp_path, kind, damage):
    node, folder = backups
    data = bytearray((folder / f"{kind}.backup").read_bytes())
    if damage == "cut":
        del data[-1:]
    elif damage == "cut_much":
        del data[len(data) // 2 :]
    elif damage == "changed":
        data[len(data) // 2] ^= 1
    elif damage == "longer":
        data += b"\n"
    else:
        data[2] ^= 1
    bad = tmp_path / "bad.backup"
    bad.write_bytes(data)
    options = ["--passphrase-file", folder / "passphrase"] if kind == "sealed" else []
    done = refused(node, bad, tmp_path / "there", *options)
    assert "backup" in done.stderr or "passphrase" in done.stderr


def test_a_backup_of_a_newer_program_is_refused(backups, tmp_path):
    node, folder = backups
    data = (folder / "plain.backup").read_bytes()
    newer = tmp_path / "newer.backup"
    newer.write_bytes(data.replace(b"entente backup 1\n", b"entente backup 2\n", 1))
    assert "newer program" in refused(node, newer, tmp_path / "there").stderr


def test_a_restore_takes_no_place_that_is_taken(backups, tmp_path):
    node, folder = backups
    there = tmp_path / "there"
    there.mkdir()
    (there / "letter.txt").write_text("mine")
    done = node.run_plain("restore", folder / "plain.backup", "--data", there, check=False)
    assert done.returncode == 4 and "other files" in done.stderr
    done = node.run_plain("restore", folder / "plain.backup", "--data", node.directory, check=False)
    assert done.returncode == 4 and "--replace" in done.stderr
    node.serve()
    try:
        done = node.run_plain("restore", folder / "plain.backup", "--data", node.directory, "--replace", check=False)
        assert done.returncode == 4 and "in use" in done.stderr
    finally:
        node.stop()
    done = node.run("backup", "--out", folder / "plain.backup", check=False)
    assert done.returncode == 4 and "there already" in done.stderr


# -- what leaves


def test_a_full_collection_tells_the_poster(scene):
    scene.node.run("collection", "set", "indicators", "--max-objects", 2)
    answer = scene.node.post(scene.path(), [indicator(n) for n in range(3)], scene.node.admin_token).json()
    assert answer["success_count"] == 2 and answer["failure_count"] == 1
    assert "full" in answer["failures"][0]["message"]
    shown = scene.node.json("collection", "show", "indicators")
    assert shown["versions"] == 2 and shown["max_objects"] == 2 and shown["when_full"] == "refuse"


def test_a_collection_that_keeps_the_newest(scene):
    scene.node.run(
        "collection", "set", "indicators", "--max-objects", 3, "--when-full", "drop-oldest", "--keep", "90d",
        "--max-bytes", "10G",
    )
    scene.publish(*[indicator(n) for n in range(8)])
    # The server trims every few seconds, and when it ends.
    scene.node.stop()
    scene.node.serve()
    assert scene.numbers() == [5, 6, 7]


def bytes_of(node):
    return b"".join(p.read_bytes() for p in sorted(node.directory.glob("entente.db*")) if not p.name.endswith("-shm"))


def test_a_purge_leaves_no_byte_and_lets_nothing_in_again(scene):
    spare = scene.node.collection("Spare", "--alias", "spare")
    scene.publish(*[indicator(n) for n in range(300)])
    scene.publish(secret(1000, "PURGEME"), secret(1001, "KEEPME"))
    scene.node.post(f"/api/collections/{spare}/objects/", [secret(1000, "PURGEME")], scene.node.admin_token)
    scene.publish(*[indicator(n) for n in range(300, 600)])
    scene.get()
    gone = secret(1000, "PURGEME")
    look = scene.node.json("purge", "--id", gone["id"], "--dry-run")
    assert look["versions"] == 2 and look["copies"] == 2
    assert b"PURGEME" in bytes_of(scene.node)
    said = scene.node.json("purge", "--id", gone["id"], "--person", "Jane Doe", "--reason", "personal data")
    assert said["versions"] == 2 and said["gone_from_files"] is True
    assert "siem" in said["given_to"]
    everything = bytes_of(scene.node)
    assert b"PURGEME" not in everything and b"KEEPME" in everything
    answer = scene.node.post(scene.path(), [gone], scene.node.admin_token).json()
    assert answer["failure_count"] == 1 and "not taken in again" in answer["failures"][0]["message"]
    scene.node.run("purge", "--id", gone["id"], "--reason", "asked again", "--allow-again", check=False)
    scene.publish(gone)
    size = (scene.node.directory / "entente.db").stat().st_size
    scene.node.run("purge", "--older-than", "2099-01-01", "--reason", "retention policy")
    assert (scene.node.directory / "entente.db").stat().st_size < size, "written anew: nothing unused is left in it"
    assert scene.node.run("check").returncode == 0
    with sqlite3.connect(f"file:{scene.node.directory}/entente.db?mode=ro", uri=True) as db:
        facts = [json.loads(row[0]) for row in db.execute("SELECT facts FROM act WHERE kind = 'purged' ORDER BY no")]
    assert facts[0]["person"] == "Jane Doe" and facts[0]["reason"] == "personal data" and facts[0]["digests"]


def test_what_a_purge_left_in_the_files_the_next_one_takes_out(scene):
    scene.publish(secret(1, "PURGEME"))
    first = scene.node.json("purge", "--id", secret(1, "")["id"], "--reason", "x", "--no-compact")
    assert first["versions"] == 1 and first["gone_from_files"] is False
    again = scene.node.json("purge", "--id", secret(1, "")["id"], "--reason", "x", "--no-compact", check=False)
    assert again["versions"] == 0 and again["gone_from_files"] is False
    last = scene.node.json("purge", "--id", secret(1, "")["id"], "--reason", "x", check=False)
    assert last["versions"] == 0 and last["gone_from_files"] is True
    assert b"PURGEME" not in bytes_of(scene.node)
    # And then there is nothing to write anew.
    last = scene.node.json("purge", "--id", secret(1, "")["id"], "--reason", "x", "--no-compact", check=False)
    assert last["gone_from_files"] is True


def test_a_purge_says_what_it_needs(scene):
    scene.publish(indicator(1))
    assert scene.node.run("purge", "--reason", "x", check=False).returncode == 2
    assert scene.node.run("purge", "--id", indicator(1)["id"], check=False).returncode == 2
    assert scene.node.run("purge", "--id", indicator(2)["id"], "--reason", "x", check=False).returncode == 1
    assert scene.node.run("purge", "--from", "siem", "--reason", "x", check=False).returncode == 2


# -- holds


def test_what_is_held_stays_whatever_happens(scene, tmp_path):
    held = secret(1, "HELD")
    scene.publish(held, indicator(2))
    hold = scene.node.json("hold", "add", "--id", held["id"], "--person", "Jane Doe", "--reason", "case 7")
    done = scene.node.run("purge", "--id", held["id"], "--reason", "x", check=False)
    assert done.returncode == 1 and "hold 1" in done.stdout
    (copy,) = [o["id"] for o in scene.get().json()["objects"] if "description" not in o and o["id"] != indicator(2)["id"]]
    refused = scene.node.run("hold", "add", "--id", copy, "--reason", "as South knows it", check=False)
    assert refused.returncode == 2 and f"hold what it was made of: {held['id']}" in refused.stderr
    answer = scene.node.request("DELETE", scene.path(f"objects/{held['id']}/"), scene.node.admin_token)
    assert answer.status_code == 200
    done = scene.node.json("purge", "--id", held["id"], "--reason", "x", check=False)
    assert done["held"] == 1 and done["holds"] == [hold["number"]], "what was deleted and kept stays too"
    assert scene.node.get(scene.path(f"objects/{held['id']}/"), scene.node.admin_token).status_code == 404
    assert "HELD" not in scene.get(scene.node.admin_token).text
    assert scene.node.json("hold", "list")["removed_but_kept"] == 2, "the object and its copy"
    out = tmp_path / "kept.ndjson"
    scene.node.run("hold", "show", hold["number"], "--out", out)
    assert json.loads(out.read_text().splitlines()[0]) == held
    done = scene.node.run("collection", "remove", "indicators", "--force", check=False)
    assert done.returncode == 4 and "hold 1" in done.stderr
    ended = scene.node.json("hold", "remove", hold["number"], "--reason", "closed")
    assert ended["removed"] == 2
    assert b"HELD" not in bytes_of(scene.node)
    assert scene.node.run("hold", "list", check=False).returncode == 1
