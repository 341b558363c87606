"""Moving over from medallion: its data file and its users."""

import json

import pytest

from support.node import indicator

GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def record(obj, added):
    return {
        "id": obj["id"], "version": obj.get("modified", added), "date_added": added,
        "media_type": "application/stix+json;version=2.1",
    }


def data(objects, manifest, **more):
    collection = {
        "id": "107", "title": "Indicators", "can_read": True, "can_write": False,
        "media_types": ["application/stix+json;version=2.1"], "objects": objects, "manifest": manifest,
    }
    collection.update(more)
    return {
        "/discovery": {"title": "T", "default": "http://localhost:5000/trustgroup1/"},
        "trustgroup1": {
            "information": {"title": "Group", "versions": ["application/taxii+json;version=2.1"],
                            "max_content_length": 9765625},
            "status": [], "collections": [collection],
        },
    }


@pytest.fixture
def moved(node, tmp_path):
    def move(content, users=None, check=True):
        path = tmp_path / "data.json"
        path.write_text(json.dumps(content))
        args = ["import", "--format", "medallion", path]
        if users is not None:
            config = tmp_path / "medallion.conf"
            config.write_text(json.dumps({"backend": {"module_class": "MemoryBackend"}, "users": users}))
            args += ["--config", config]
        done = node.run(*args, "--json", check=check)
        return json.loads(done.stdout) if done.stdout else done

    return move


def test_clients_find_everything_where_it_was(node, moved):
    first, second, third = indicator(1), indicator(2), indicator(3)
    same = "2017-01-27T13:49:59.997000Z"
    report = moved(
        data([third, first, second],
             [record(second, same), record(first, same), record(third, "2016-11-03T12:30:59.000000Z")]),
        users={"user1": "Password1", "user2": "Password2"},
    )
    assert (report["roots"], report["collections"], report["objects"]) == (1, 1, 3)
    assert report["users"] == ["user1", "user2"] and report["problems"] == []
    node.serve()
    user = ("user1", "Password1")
    assert node.get("/taxii2/", user).json()["default"].endswith("/trustgroup1/")
    manifest = node.get("/trustgroup1/collections/107/manifest/", user).json()["objects"]
    assert [(m["id"], m["date_added"]) for m in manifest] == [
        (third["id"], "2016-11-03T12:30:59.000000Z"),
        (second["id"], "2017-01-27T13:49:59.997000Z"),
        (first["id"], "2017-01-27T13:49:59.997001Z"),
    ]
    got = node.get("/trustgroup1/collections/107/objects/?added_after=" + same, user).json()["objects"]
    assert got == [first]
    listed = node.get("/trustgroup1/collections/", user).json()["collections"][0]
    assert (listed["id"], listed["can_read"], listed["can_write"]) == ("107", True, False)
    assert node.get("/trustgroup1/collections/", ("user1", "wrong-password")).status_code == 401


def test_what_cannot_be_taken_is_told(node, moved):
    good, lonely = indicator(1), indicator(2)
    broken = {"type": "indicator", "id": "indicator--1", "modified": "2020-01-01T00:00:00Z"}
    report = moved(
        data([good, lonely, broken], [record(good, "2020-01-01T00:00:00Z"), record(broken, "2020-01-02T00:00:00Z")]),
        users={"short": "pass", "a:b": "Password1", "admin": "Password0"},
        check=False,
    )
    assert report["objects"] == 1 and report["users"] == ["short"]
    problems = "\n".join(report["problems"])
    assert lonely["id"] in problems and "no manifest record" in problems
    assert "/id" in problems
    assert "a:b" in problems
    notes = "\n".join(report["notes"])
    assert "user admin exists already" in notes and "user short: its password" in notes
    assert node.json("user", "show", "admin")["password"] is False
    assert node.json("user", "show", "short")["password"] is False


def test_it_works_once(node, moved):
    content = data([indicator(1)], [record(indicator(1), "2020-01-01T00:00:00Z")])
    moved(content)
    done = moved(content, check=False)
    assert done.returncode == 4 and "107" in done.stderr and "nothing was imported" in done.stderr


def test_all_or_nothing(node, moved):
    content = data([indicator(1)], [record(indicator(1), "2020-01-01T00:00:00Z")])
    content["other"] = {"information": {"title": "O"}, "collections": [{"id": "107", "title": "again"}]}
    done = moved(content, check=False)
    assert done.returncode == 4
    assert node.run("collection", "list", "--json").stdout == ""
    assert node.run("root", "list", "--json").stdout.count("\n") == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": {"b": 1}}', '{"trustgroup1": {"information": '])
def test_other_files_are_refused(node, tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    done = node.run("import", "--format", "medallion", path, check=False)
    assert done.returncode == 3 and "x.json" in done.stderr and done.stdout == ""


def test_options_that_do_not_go_together(node, tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(data([], [])))
    for args in (["--collection", "c"], ["--as", "admin"], [path]):
        done = node.run("import", "--format", "medallion", path, *args, check=False)
        assert done.returncode == 2
    assert node.run("import", path, "--collection", "c", "--config", path, check=False).returncode == 2


def test_medallions_own_example(node, shared_data):
    path = shared_data / "oasis-taxii-server-data" / "default_data.json"
    done = node.run("import", "--format", "medallion", path, "--json", check=False)
    report = json.loads(done.stdout)
    assert report["roots"] == 3 and report["collections"] == 5
    assert report["objects"] == 8, report["problems"]
    assert done.returncode == 0
