"""The server's side of the interoperability rows (TAXII 2.1 Interoperability, CSD01), one test a row, over real HTTP."""

import pytest
import requests
from conformance_help import TAXII, UNKNOWN, ids, indicator


@pytest.fixture
def path(world):
    return world.collection()


def error_of(answer, status):
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == TAXII
    body = answer.json()
    assert body["http_status"] == str(status)
    assert body["title"] and body["error_id"]
    return body


def test_row_3_1_1_no_credentials(world, path):
    for target in ("/taxii2/", "/api/", "/api/collections/", path, path + "objects/", path + "manifest/", "/none/"):
        answer = requests.get(world.node.url + target, headers={"Accept": TAXII}, timeout=60)
        error_of(answer, 401)
        # requests joins the two header fields to one.
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="entente", charset="UTF-8", Bearer realm="entente"'


def test_row_3_1_2_wrong_credentials(world, path):
    right = error_of(requests.get(world.node.url + path, headers={"Accept": TAXII}, timeout=60), 401)
    for who in (("both", "wrong"), ("nobody at all", "wrong"), "ent_" + 43 * "A"):
        wrong = error_of(world.node.get(path, who), 401)
        assert {**wrong, "error_id": ""} == {**right, "error_id": ""}


def test_row_3_1_4_basic_and_tokens(world):
    token = world.node.json("token", "add", "reader")["token"]
    assert world.get("/taxii2/", world.reader).status_code == 200
    assert world.get("/taxii2/", token).status_code == 200
    for value in (f"Token {token}", f"bearer {token}"):
        assert world.node.get("/taxii2/", headers={"Authorization": value}).status_code == 200
    assert world.get("/taxii2/", (token, "")).status_code == 200, "as the user of Basic"
    assert world.get("/taxii2/", ("anything", token)).status_code == 200, "as its password"


def test_row_3_2_1_discovery(world, path):
    found = world.get("/taxii2/")
    assert found.status_code == 200
    assert found.headers["Content-Type"] == TAXII
    body = found.json()
    assert body["title"] and body["default"] in body["api_roots"]
    for root in body["api_roots"]:
        assert root.startswith("/") and not root.startswith("//") and "?" not in root
        assert world.get(root).status_code == 200


def test_row_3_3_1_api_root(world, path):
    root = world.get("/api/").json()
    assert root["title"] and TAXII in root["versions"] and root["max_content_length"] > 0


def test_row_3_3_2_wrong_root(world, path):
    error_of(world.get("/wrong/"), 404)
    error_of(world.get("/wrong/collections/"), 404)


def test_row_3_4_1_collections(world, path):
    first = world.get("/api/collections/").json()["collections"]
    for one in first:
        assert {"id", "title", "can_read", "can_write", "media_types"} <= set(one)
    assert [one["id"] for one in first] == sorted(one["id"] for one in first)
    assert world.get("/api/collections/").json()["collections"] == first


def test_row_3_5_1_collections_with_each_pair_of_rights(world, path):
    for who, read, write in ((world.writer, False, True), (world.both, True, True), (world.reader, True, False), (world.lister, False, False)):
        one = world.get(path, who).json()
        assert (one["can_read"], one["can_write"]) == (read, write)
    error_of(world.get(path, world.nobody), 404)


def test_row_3_5_2_what_rights_forbid(world, path):
    world.post(path, [indicator(1)])
    one = path + "objects/" + indicator(1)["id"] + "/"
    for target in (path + "objects/", path + "manifest/", one, one + "versions/"):
        error_of(world.get(target, world.writer), 403)
        error_of(world.get(target, world.lister), 403)
        error_of(world.get(target, world.nobody), 404)
    error_of(world.post(path, [indicator(2)], world.reader), 403)
    error_of(world.post(path, [indicator(2)], world.nobody), 404)
    error_of(world.delete(one, world.reader), 403)
    error_of(world.delete(one, world.writer), 403)
    error_of(world.delete(one, world.lister), 404)
    error_of(world.delete(one, world.nobody), 404)
    assert world.delete(one).status_code == 200


def test_row_3_5_3_wrong_collection(world, path):
    hidden = error_of(world.get(path, world.nobody), 404)
    absent = error_of(world.get(f"/api/collections/{UNKNOWN}/", world.nobody), 404)
    assert {**hidden, "error_id": ""} == {**absent, "error_id": ""}
    for below in ("objects/", "manifest/"):
        error_of(world.get(f"/api/collections/{UNKNOWN}/{below}"), 404)


def test_row_3_6_1_manifest(world, path):
    world.post(path, [indicator(1), indicator(2)])
    answer = world.get(path + "manifest/")
    records = answer.json()["objects"]
    assert [record["id"] for record in records] == [indicator(1)["id"], indicator(2)["id"]]
    assert records[0]["version"] == indicator(1)["modified"]
    assert records[0]["media_type"] == "application/stix+json;version=2.1"
    assert answer.headers["X-TAXII-Date-Added-First"] == records[0]["date_added"]
    assert answer.headers["X-TAXII-Date-Added-Last"] == records[1]["date_added"]


def test_row_3_7_objects(world, path):
    empty = world.get(path + "objects/")
    assert empty.status_code == 200
    assert empty.json() == {"more": False}
    assert "X-TAXII-Date-Added-First" not in empty.headers
    world.post(path, [indicator(1), indicator(2)])
    answer = world.get(path + "objects/")
    assert answer.json() == {"more": False, "objects": [indicator(1), indicator(2)]}


def test_row_3_8_one_object(world, path):
    world.post(path, [indicator(1)])
    assert world.get(path + "objects/" + indicator(1)["id"] + "/").json()["objects"] == [indicator(1)]
    error_of(world.get(path + "objects/" + indicator(2)["id"] + "/"), 404)


def test_row_3_9_versions(world, path):
    times = ["2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z"]
    for modified in times:
        world.post(path, [indicator(1, modified)])
    assert world.get(path + "objects/" + indicator(1)["id"] + "/versions/").json() == {"more": False, "versions": times}


def test_row_3_10_and_3_11_adding_and_status(world, path):
    answer = world.post(path, [indicator(1), {"type": "indicator"}])
    assert answer.status_code == 202
    assert answer.headers["Content-Type"] == TAXII
    status = answer.json()
    assert (status["status"], status["total_count"], status["success_count"]) == ("complete", 2, 1)
    assert (status["failure_count"], status["pending_count"]) == (1, 0)
    assert len(status["successes"]) == 1 and status["failures"][0]["message"]
    assert world.get(f"/api/status/{status['id']}/").json() == status
    error_of(world.get(f"/api/status/{status['id']}/", world.reader), 404)
    error_of(world.get(f"/api/status/{UNKNOWN}/"), 404)


def test_row_3_12_1_delete(world, path):
    world.post(path, [indicator(1), indicator(2)])
    one = path + "objects/" + indicator(1)["id"] + "/"
    answer = world.delete(one)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == TAXII
    error_of(world.get(one), 404)
    error_of(world.delete(one), 404)
    assert ids(world.get(path + "objects/")) == [indicator(2)["id"]]


def test_row_3_13_1_filters(world, path):
    newer = "2024-03-01T00:00:00.000Z"
    malware = {
        "type": "malware", "spec_version": "2.1", "id": "malware--00000009-0000-4000-8000-000000000000", "is_family": False,
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
        "object_marking_refs": indicator(1)["object_marking_refs"],
    }
    world.post(path, [indicator(1), malware, indicator(1, newer), indicator(2)])
    dates = [record["date_added"] for record in world.get(path + "manifest/", params={"match[version]": "all"}).json()["objects"]]

    def get(query):
        answer = world.get(path + "objects/?" + query)
        assert answer.status_code == 200, answer.text
        return [member["id"] for member in answer.json().get("objects", [])]

    one, two = indicator(1)["id"], indicator(2)["id"]
    assert get("") == [malware["id"], one, two]
    assert get("added_after=" + dates[2]) == [two]
    assert get("limit=1") == [malware["id"]]
    assert get("match[id]=" + two) == [two]
    assert get("match%5Btype%5D=malware") == [malware["id"]]
    assert get("match[type]=malware,indicator") == [malware["id"], one, two]
    assert get("match[type]=malware&match[id]=" + two) == []
    assert get("match[version]=all&match[id]=" + one) == 2 * [one]
    assert get("match[version]=" + newer) == [one]
    assert get("match[spec_version]=2.0") == []
    assert get("match[spec_version]=2.1") == [malware["id"], one, two]


def test_row_3_13_1_10_a_filter_given_twice(world, path):
    for query in ("match[type]=indicator&match[type]=malware", "limit=1&limit=1"):
        body = error_of(world.get(path + "objects/?" + query), 400)
        assert "more than once" in body["description"]


def test_row_3_14_1_paging(world, path):
    world.post(path, [indicator(n) for n in range(1, 8)])
    all_ids = [indicator(n)["id"] for n in range(1, 8)]
    for resource in ("objects/", "manifest/"):
        by_next, params = [], {"limit": 3}
        while True:
            page = world.get(path + resource, params=params)
            by_next += ids(page)
            if not page.json()["more"]:
                assert "next" not in page.json()
                break
            params["next"] = page.json()["next"]
        by_date, params = [], {"limit": 3}
        while True:
            page = world.get(path + resource, params=params)
            if not ids(page):
                break
            by_date += ids(page)
            params["added_after"] = page.headers["X-TAXII-Date-Added-Last"]
        assert by_next == by_date == all_ids
    # The versions page, continued by added_after.
    for day in range(2, 7):
        world.post(path, [indicator(1, f"2024-01-0{day}T00:00:00.000Z")])
    versions, params = [], {"limit": 2}
    while True:
        page = world.get(path + "objects/" + all_ids[0] + "/versions/", params=params)
        if "versions" not in page.json():
            break
        versions += page.json()["versions"]
        params["added_after"] = page.headers["X-TAXII-Date-Added-Last"]
    assert versions == [f"2024-01-0{day}T00:00:00.000Z" for day in range(1, 7)]


def test_row_3_15_1_custom_properties(world, path):
    custom = indicator(1, x_north_score=7, x_north_deep={"list": [1, None, "\u00e9\U0001f600"]})
    answer = world.post(path, [custom])
    assert answer.json()["success_count"] == 1
    assert world.get(path + "objects/").json()["objects"] == [custom]
    unknown = world.node.request(
        "POST", path + "objects/", world.both, json={"x_north_batch": 1, "objects": [indicator(2)]}, headers={"Content-Type": TAXII}
    )
    assert unknown.json()["success_count"] == 1
