"""Parts of objects that a reader may not see: what reaches it instead, and that nothing else does."""

import json
from pathlib import Path

import pytest
from support.node import entente

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "campaign-harbour-lantern.json"
SECRET = "Found in memory of the berth scheduler at the Port of Example Haven."


@pytest.fixture
def shared(node):
    """The sample in a collection that South reads up to TLP:GREEN; (path, who South is, the original's id)."""
    node.collection("Shared", "--alias", "shared", "--default-marking", "TLP:GREEN")
    node.run("party", "add", "South ISAC")
    south = node.user("south", "correct horse", party="South ISAC")
    node.grant("shared", "--user", "south", "--read", "--max-marking", "TLP:GREEN")
    done = node.json("import", SAMPLE, "--as", "admin", "--collection", "shared")
    assert done["refused"] == 0
    original = next(o for o in json.loads(SAMPLE.read_text())["objects"] if o.get("description") == SECRET)
    node.serve()
    return "/api/collections/shared/", south, original


def walk(node, path, who, **params):
    """All pages of a resource, as bytes, and the members of their lists."""
    seen, members, more = b"", [], {}
    while True:
        answer = node.get(path, who, params={**params, "limit": 7, **more})
        assert answer.status_code == 200
        seen += answer.content + json.dumps(dict(answer.headers)).encode()
        page = answer.json()
        members += page.get("objects", page.get("versions", []))
        if not page.get("more"):
            return seen, members
        more = {"next": page["next"]}


def everything(node, path, who):
    """Every byte that the reader can obtain by asking for what it was told of."""
    all_of = {"match[version]": "all"}
    seen, objects = walk(node, path + "objects/", who, **all_of)
    for other in (path + "manifest/",):
        seen += walk(node, other, who, **all_of)[0]
    for one in {o["id"] for o in objects}:
        seen += walk(node, f"{path}objects/{one}/", who, **all_of)[0]
        seen += walk(node, f"{path}objects/{one}/versions/", who)[0]
    for other in ("/taxii2/", "/api/", "/api/collections/", path):
        seen += node.get(other, who).content
    return seen, objects


def test_a_granular_marking_hides_a_property_and_nothing_else(node, shared):
    path, south, original = shared
    seen, objects = everything(node, path, south)
    for hidden in (SECRET, "berth scheduler", original["id"]):
        assert hidden.encode() not in seen
    redacted = [o for o in objects if o.get("name") == original["name"]]
    assert len(redacted) == 1
    assert redacted[0]["pattern"] == original["pattern"]
    assert "description" not in redacted[0] and "granular_markings" not in redacted[0]
    assert redacted[0]["object_marking_refs"] == original["object_marking_refs"]
    naming = [o for o in objects if redacted[0]["id"] in (o.get("source_ref"), o.get("target_ref"))]
    assert naming, "the relationship that names it follows"


def test_the_redacted_object_is_the_same_on_every_fetch_and_after_a_restart(node, shared):
    path, south, original = shared
    first = next(o for o in walk(node, path + "objects/", south)[1] if o.get("name") == original["name"])
    again = node.get(f"{path}objects/{first['id']}/", south)
    assert again.json()["objects"] == [first]
    before = again.content
    assert node.stop() == 0
    node.serve()
    assert node.get(f"{path}objects/{first['id']}/", south).content == before
    manifest = {o["id"] for o in walk(node, path + "manifest/", south)[1]}
    assert first["id"] in manifest
    assert node.get(f"{path}objects/{first['id']}/versions/", south).json()["versions"] == [first["modified"]]


def test_the_original_looks_absent_to_who_gets_it_redacted_and_the_other_way_round(node, shared):
    path, south, original = shared
    redacted = next(o for o in walk(node, path + "objects/", south)[1] if o.get("name") == original["name"])
    absent = "indicator--00000000-0000-4000-8000-00000000dead"

    def answer(target, who):
        got = node.get(f"{path}objects/{target}/", who)
        return got.status_code, {k: v for k, v in got.json().items() if k != "error_id"}

    assert answer(original["id"], south) == answer(absent, south)
    assert answer(redacted["id"], node.admin_token) == answer(absent, node.admin_token)
    whole = node.get(f"{path}objects/{original['id']}/", node.admin_token).json()["objects"][0]
    assert whole == original


def test_explain_counts_what_is_redacted(node, shared):
    told = node.json("explain", "--for", "south", "--collection", "shared")
    assert told["derived"] >= 1
    assert told["released"] - told["derived"] + told["withheld"] == len(json.loads(SAMPLE.read_text())["objects"])
    group = next(g for g in told["groups"] if g["reason"] == "marking of a part above the ceiling")
    assert group["derived"] == group["count"] == 1


def test_a_redacted_object_is_sound(node, shared, tmp_path):
    path, south, _ = shared
    file = tmp_path / "south.json"
    file.write_text(json.dumps({"objects": walk(node, path + "objects/", south)[1]}))
    assert node.run("check").returncode == 0
    assert entente("validate", file).returncode == 0
