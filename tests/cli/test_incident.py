"""A bad night: what was given to whom, who has an object, ending a login at once, against a running server."""

import json
import sqlite3
import time

import pytest
import requests
import urllib3

from support.node import indicator
from support.partner import AMBER, PartnerScene, partly_red


class Scene(PartnerScene):
    """The partner has two logins, one of them with two tokens; a user of the node's own has one; the server runs."""

    def __init__(self, make_node):
        super().__init__(make_node)
        node = self.node
        node.run("user", "add", "other", "--party", "South CERT", "--no-password")
        node.run("user", "add", "hunter", "--no-password")
        node.grant("indicators", "--user", "hunter", "--read")
        self.stolen = self.token("siem")
        self.good = self.token("siem")
        self.others = self.token("other")
        self.hunters = self.token("hunter")
        node.serve()

    def token(self, user):
        made = self.node.json("token", "add", user)
        return made["id"], made["token"]

    def get(self, token, rest="objects/", **params):
        answer = self.node.get(self.path(rest), token[1], params=params)
        return answer

    def objects(self, token, rest="objects/", **params):
        """(id, version) of what the client got in one page."""
        return [(o["id"], o["modified"]) for o in self.get(token, rest, **params).json().get("objects", [])]

    def disclosed(self, *args, check=True):
        done = self.node.run("disclosed", *args, "--json", check=check)
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def scene(make_node):
    return Scene(make_node)


def names(rows, what=("objects",)):
    return [(row["id"], row["version"]) for row in rows if row["what"] in what]


def test_disclosed_equals_what_the_client_got(scene):
    scene.publish(*[indicator(n) for n in range(30)], indicator(40, object_marking_refs=[AMBER]))
    scene.publish(indicator(3, modified="2025-01-01T00:00:00.000Z"))
    assert scene.disclosed("--to", "siem", check=False) == []
    got = []
    first = scene.get(scene.stolen, limit=7, **{"match[version]": "all"}).json()
    got += [(o["id"], o["modified"]) for o in first["objects"]]
    got += scene.objects(scene.stolen, limit=5, next=first["next"])
    got += scene.objects(scene.stolen, **{"match[id]": ",".join(indicator(n)["id"] for n in (20, 22, 40))})
    got += scene.objects(scene.stolen, f"objects/{indicator(3)['id']}/", **{"match[version]": "all"})
    got += scene.objects(scene.stolen, added_after=scene.get(scene.stolen, limit=28).headers["X-TAXII-Date-Added-Last"])
    got += scene.objects(scene.stolen, limit=28)
    scene.objects(scene.good)
    scene.objects(scene.others, limit=2)
    with_token = scene.disclosed("--to", "siem", "--token", scene.stolen[0])
    assert len(got) > 30 and len(set(names(with_token))) == len(with_token)
    assert set(names(with_token)) == set(got)
    assert (indicator(40)["id"], "2024-01-01T00:00:00.000Z") not in names(with_token)
    assert {row["token"] for row in with_token} == {scene.stolen[0]}
    assert {row["user"] for row in with_token} == {"siem"} and {row["party"] for row in with_token} == {"South CERT"}
    # Every time, in order of handing over, and by party.
    each = scene.disclosed("--token", scene.stolen[0], "--each")
    assert sorted(set(names(each))) == sorted(set(got)) and len(each) > len(with_token)
    of_party = scene.disclosed("--to", "South CERT")
    assert {row["user"] for row in of_party} == {"siem", "other"}
    assert len(names([row for row in of_party if row["user"] == "other"])) == 2
    # The same after a restart, also of what nobody asked the server to say in between.
    scene.node.stop()
    assert scene.disclosed("--token", scene.stolen[0]) == with_token
    scene.node.serve()
    assert scene.disclosed("--token", scene.stolen[0]) == with_token


def test_ids_and_versions_are_told_apart_from_objects(scene):
    scene.publish(indicator(1), indicator(2))
    manifest = scene.get(scene.stolen, "manifest/").json()["objects"]
    versions = scene.get(scene.stolen, f"objects/{indicator(1)['id']}/versions/").json()["versions"]
    rows = scene.disclosed("--to", "siem")
    assert names(rows) == []
    assert names(rows, ["manifest"]) == [(o["id"], o["version"]) for o in manifest]
    assert names(rows, ["versions"]) == [(indicator(1)["id"], versions[0])]
    text = scene.node.run("disclosed", "--to", "siem").stdout
    assert f"id and version: {indicator(1)['id']}" in text and "object:" not in text


def test_a_redacted_copy_is_named_as_one(scene):
    scene.publish(partly_red(1), indicator(2))
    got = scene.get(scene.stolen).json()["objects"]
    copy = next(o for o in got if o["id"] != indicator(2)["id"])
    assert copy["id"] != partly_red(1)["id"] and "description" not in copy
    rows = {row["id"]: row for row in scene.disclosed("--to", "siem")}
    assert set(rows) == {o["id"] for o in got}
    assert rows[copy["id"]]["original"] == partly_red(1)["id"] and rows[indicator(2)["id"]]["original"] is None
    assert f"redacted copy of {partly_red(1)['id']}" in scene.node.run("disclosed", "--to", "siem").stdout
    for asked in (partly_red(1)["id"], copy["id"]):
        [row] = [json.loads(line) for line in scene.node.run("who-has", asked, "--json").stdout.splitlines()]
        assert (row["id"], row["original"], row["user"]) == (copy["id"], partly_red(1)["id"], "siem")
    # The own party's reader has the original; its record waits for the next flush, here the end.
    scene.get(scene.hunters)
    scene.node.stop()
    holders = [json.loads(line) for line in scene.node.run("who-has", partly_red(1)["id"], "--json").stdout.splitlines()]
    assert {(row["user"], row["id"]) for row in holders} == {("siem", copy["id"]), ("hunter", partly_red(1)["id"])}


def test_who_has_tells_versions_and_times_and_what_is_removed_stays_named(scene):
    old, new = indicator(1), indicator(1, modified="2025-01-01T00:00:00.000Z")
    scene.publish(old)
    scene.objects(scene.stolen)
    scene.objects(scene.stolen)
    scene.publish(new)
    scene.objects(scene.others)
    assert scene.node.request("DELETE", scene.path(f"objects/{old['id']}/"), scene.node.admin_token).status_code == 200
    rows = [json.loads(line) for line in scene.node.run("who-has", old["id"], "--json").stdout.splitlines()]
    assert [(row["user"], row["version"], row["times"], row["removed"]) for row in rows] == [
        ("siem", old["modified"], 2, True), ("other", new["modified"], 1, True)]
    assert names(scene.disclosed("--to", "siem")) == [(old["id"], old["modified"])]
    done = scene.node.run("who-has", indicator(9)["id"], check=False)
    assert done.returncode == 4 and "no collection has or had" in done.stderr
    scene.publish(indicator(5))
    done = scene.node.run("who-has", indicator(5)["id"], check=False)
    assert done.returncode == 1 and "nobody" in done.stdout


def test_a_user_that_was_removed_is_still_named(scene):
    scene.publish(indicator(1))
    got = scene.objects(scene.stolen)
    scene.node.run("user", "remove", "siem")
    for args in (["--to", "siem"], ["--token", scene.stolen[0]]):
        rows = scene.disclosed(*args)
        assert names(rows) == got and rows[0]["user"] == "siem (removed)"


def test_an_export_is_listed_as_a_file(scene):
    scene.publish(indicator(1), indicator(2))
    scene.node.run("export", "--for", "siem", "--collection", "indicators")
    rows = scene.disclosed("--to", "siem")
    assert names(rows, ["export"]) == [(indicator(n)["id"], indicator(n)["modified"]) for n in (1, 2)]
    assert {row["token"] for row in rows} == {None}


def test_a_download_that_breaks_off_is_listed_as_sent_at_most(scene):
    text = "x" * 200_000
    scene.publish(*[indicator(n, description=text) for n in range(40)])
    answer = scene.node.get(scene.path(), scene.stolen[1], headers={"Accept-Encoding": "identity"}, stream=True)
    assert len(answer.raw.read(1_000_000)) == 1_000_000
    answer.close()
    assert {row["id"] for row in scene.disclosed("--to", "siem")} == {indicator(n)["id"] for n in range(40)}


def test_since_and_wrong_questions(scene):
    scene.publish(indicator(1))
    scene.objects(scene.stolen)
    assert scene.disclosed("--to", "siem", "--since", "2000-01-01")
    assert scene.disclosed("--to", "siem", "--since", "2100-01-01", check=False) == []
    for args, code, word in (
        (["--to", "nobody"], 4, "no user or party"), (["--token", "0123"], 4, "no token"), ([], 2, "--to"),
        (["--to", "siem", "--since", "yesterday"], 2, "no moment"),
    ):
        done = scene.node.run("disclosed", *args, check=False)
        assert done.returncode == code and word in done.stderr, args


def test_records_of_older_versions_are_told_as_unlisted(scene):
    scene.publish(indicator(1))
    scene.objects(scene.stolen)
    database = sqlite3.connect(scene.node.directory / "entente.db")
    with database:
        database.execute(
            "INSERT INTO act(kind, at, user, party, collection, facts, agreement) SELECT kind, at, user, party, collection, "
            "json_remove(facts, '$.entries'), agreement FROM act WHERE kind = 'disclosed'")
    database.close()
    [named, unlisted] = scene.disclosed("--to", "siem")
    assert named["id"] == indicator(1)["id"]
    assert unlisted["not_named"] == 1 and unlisted["why"] == "no_list" and len(unlisted["sha256"]) == 64
    assert "cannot be named" in scene.node.run("disclosed", "--to", "siem").stdout
    assert "may have it" in scene.node.run("who-has", indicator(1)["id"]).stdout


# -- stop


def acts(node, kind):
    database = sqlite3.connect(f"file:{node.directory}/entente.db?mode=ro", uri=True)
    try:
        return [json.loads(facts) for (facts,) in database.execute("SELECT facts FROM act WHERE kind = ? ORDER BY no", [kind])]
    finally:
        database.close()


def test_stop_ends_a_user_a_party_or_everyone_and_start_takes_it_back(scene):
    scene.publish(indicator(1), indicator(2))
    scene.node.run("user", "set", "other", "--password-stdin", stdin="correct horse battery\n")
    password = ("other", "correct horse battery")
    page = scene.get(scene.stolen, limit=1).json()

    def codes():
        tokens = [scene.stolen[1], scene.good[1], scene.others[1], password, scene.hunters[1], scene.node.admin_token]
        return [scene.node.get(scene.path(), auth).status_code for auth in tokens]

    assert codes() == [200] * 6
    told = scene.node.json("stop", "siem", "--person", "Jane Doe", "--reason", "its token was stolen")
    assert (told["kind"], told["person"], told["users"]) == ("user", "Jane Doe", 1)
    assert codes() == [401, 401, 200, 200, 200, 200]
    scene.node.run("stop", "South CERT")
    assert codes() == [401, 401, 401, 401, 200, 200]
    scene.node.run("stop", "all")
    assert codes() == [401] * 6
    assert scene.node.get("/taxii2/", scene.stolen[1]).status_code == 401
    listed = [json.loads(line) for line in scene.node.run("stop", "--json").stdout.splitlines()]
    assert [row["name"] for row in listed] == ["all", "South CERT", "siem"]
    assert all(json.loads(line)["stopped"] for line in scene.node.run("user", "list", "--json").stdout.splitlines())
    assert scene.node.run("export", "--for", "siem", "--collection", "indicators", check=False).returncode == 4
    # A stop outlives the server.
    scene.node.stop()
    scene.node.serve()
    assert codes() == [401] * 6
    scene.node.run("start", "all")
    assert codes() == [401, 401, 401, 401, 200, 200]
    scene.node.run("start", "South CERT")
    assert codes() == [401, 401, 200, 200, 200, 200]
    scene.node.run("start", "siem", "--person", "Jane Doe")
    assert codes() == [200] * 6
    # It goes on where it was, and nothing comes twice.
    assert scene.objects(scene.stolen, next=page["next"]) == [(indicator(2)["id"], indicator(2)["modified"])]
    assert scene.node.run("stop", check=False).returncode == 1
    assert [(a["name"], a["kind"]) for a in acts(scene.node, "stopped")] == [
        ("siem", "user"), ("South CERT", "party"), ("all", "all")]
    assert acts(scene.node, "stopped")[0]["person"] == "Jane Doe"
    assert acts(scene.node, "stopped")[1]["person"] != ""
    assert [a["name"] for a in acts(scene.node, "started")] == ["all", "South CERT", "siem"]


def test_stopping_twice_or_starting_what_runs_is_told(scene):
    scene.node.run("stop", "siem")
    for args, word in (
        (["stop", "siem"], "already"), (["start", "other"], "not stopped"), (["stop", "nobody"], "no user or party"),
    ):
        done = scene.node.run(*args, check=False)
        assert done.returncode == 4 and word in done.stderr, args
    scene.node.run("stop", "South CERT")
    done = scene.node.run("start", "other", check=False)
    assert done.returncode == 4 and "with its party" in done.stderr
    assert "still stopped" in scene.node.run("start", "siem").stdout


def rest_of(answer):
    """How many bytes still come before the connection ends, in whatever way."""
    got = 0
    try:
        while piece := answer.raw.read(1 << 20):
            got += len(piece)
    except (urllib3.exceptions.HTTPError, OSError):
        pass
    return got


@pytest.mark.parametrize("how", [["stop", "siem"], ["token", "remove", "TOKEN"], ["user", "set", "siem", "--disable"]])
def test_an_answer_that_is_being_sent_ends_at_once(scene, how):
    text = "x" * 1_000_000
    for start in range(0, 30, 10):
        scene.publish(*[indicator(n, description=text + str(n)) for n in range(start, start + 10)])
    answer = scene.node.get(scene.path(), scene.stolen[1], headers={"Accept-Encoding": "identity"}, stream=True)
    length = int(answer.headers["Content-Length"])
    got = len(answer.raw.read(100_000))
    other = scene.node.get(scene.path(), scene.others[1], headers={"Accept-Encoding": "identity"}, stream=True)
    other.raw.read(100_000)
    scene.node.run(*[scene.stolen[0] if word == "TOKEN" else word for word in how])
    begun = time.monotonic()
    scene.node.wait_for_log("cut off")
    assert time.monotonic() - begun < 1.0
    assert got + rest_of(answer) < length
    # Another's answer goes on to its end.
    assert 100_000 + rest_of(other) == length


# -- consumers


def test_a_poll_that_found_nothing_again_and_again_feels_every_command_at_once(scene):
    scene.publish(indicator(1))
    newest = scene.get(scene.stolen).headers["X-TAXII-Date-Added-Last"]

    def poll(token=scene.stolen):
        return scene.get(token, added_after=newest)

    def is_answered_at_once():
        for _ in range(3):  # the first one looks, the others need not
            answer = poll()
            assert (answer.status_code, answer.text) == (200, '{"more":false}')

    is_answered_at_once()
    for end, begin in (
        (["stop", "siem"], ["start", "siem"]),
        (["stop", "all"], ["start", "all"]),
        (["user", "set", "siem", "--disable"], ["user", "set", "siem", "--enable"]),
    ):
        scene.node.run(*end)
        assert poll().status_code == 401, end
        scene.node.run(*begin)
        is_answered_at_once()
    scene.publish(indicator(2))
    assert [o["id"] for o in poll().json()["objects"]] == [indicator(2)["id"]]
    newest = poll().headers["X-TAXII-Date-Added-Last"]
    is_answered_at_once()
    scene.node.run("token", "remove", scene.stolen[0])
    assert poll().status_code == 401
    assert poll(scene.good).status_code == 200


def test_consumers_tells_how_far_each_reader_is_and_what_it_does_not_get(scene):
    scene.publish(*[indicator(n) for n in range(10)], *[indicator(n, object_marking_refs=[AMBER]) for n in range(20, 23)])
    scene.publish(partly_red(30))
    page = scene.get(scene.stolen, limit=4)
    scene.get(scene.others)
    scene.get(scene.others, added_after=scene.get(scene.others).headers["X-TAXII-Date-Added-Last"])
    scene.get(scene.others, "manifest/")
    scene.get(scene.hunters, **{"match[type]": "malware"})
    scene.node.stop()
    rows = {row["user"]: row for row in map(json.loads, scene.node.run("consumers", "--json").stdout.splitlines())}
    assert set(rows) == {"admin", "hunter", "siem", "other"}
    siem, other, hunter = rows["siem"], rows["other"], rows["hunter"]
    assert (siem["requests"], siem["delivered"], siem["lag"], siem["may_see"], siem["redacted"]) == (1, 4, 7, 11, 1)
    assert siem["up_to"] == page.headers["X-TAXII-Date-Added-Last"] and siem["token"] == scene.stolen[0]
    assert siem["withheld"] == 4
    assert siem["withheld_by_reason"] == {"marking above the ceiling": 3, "marking of a part above the ceiling": 1}
    assert (other["requests"], other["delivered"], other["lag"]) == (4, 22, 0)
    assert hunter["filtered"] and hunter["delivered"] == 0 and hunter["withheld"] == 0
    assert rows["admin"]["last_request"] is None and rows["admin"]["lag"] == 14
    text = scene.node.run("consumers", "--collection", "indicators").stdout
    assert "siem in api/indicators: 3 marking above the ceiling" in text and "never" in text
    # Counts go on over restarts; a page that comes again is counted again.
    scene.node.serve()
    scene.get(scene.stolen, limit=4)
    scene.node.stop()
    [again] = [row for row in map(json.loads, scene.node.run("consumers", "--json").stdout.splitlines()) if row["user"] == "siem"]
    assert (again["requests"], again["delivered"], again["lag"]) == (2, 8, 7)
    assert scene.node.run("consumers", "--collection", "nothing", check=False).returncode == 4


# -- clock


def test_a_clock_that_lies_before_what_was_given_is_in_doubt_until_a_person_accepts_it(scene):
    node = scene.node
    scene.publish(indicator(1))
    assert node.run("clock", "show").returncode == 0
    done = node.run("clock", "accept", check=False)
    assert done.returncode == 4 and "not in doubt" in done.stderr
    assert requests.get(node.url + "/readyz", timeout=60).status_code == 200
    node.stop()
    database = sqlite3.connect(node.directory / "entente.db")
    with database:  # as if the last object had been given tomorrow
        database.execute("UPDATE head SET next_base = next_base + 86400000000 WHERE next_seq > 1")
    database.close()
    node.serve()
    assert requests.get(node.url + "/readyz", timeout=60).status_code == 503
    assert "the clock is in doubt" in node.log()
    told = node.run("clock", "show", "--json", check=False)
    assert told.returncode == 1 and json.loads(told.stdout)["in_doubt"] and "before the newest date" in told.stdout
    # Own users and grants go on; only dates of agreements wait.
    assert scene.get(scene.hunters).status_code == scene.get(scene.stolen).status_code == 200
    scene.publish(indicator(2))
    node.run("clock", "accept", "--person", "Jane Doe")
    assert requests.get(node.url + "/readyz", timeout=60).status_code == 200
    assert node.run("clock", "show").returncode == 0
    scene.publish(indicator(3))
    assert [a["person"] for a in acts(node, "clock accepted")] == ["Jane Doe"] and len(acts(node, "clock in doubt")) == 1
    node.stop()
    node.serve()
    assert requests.get(node.url + "/readyz", timeout=60).status_code == 200
