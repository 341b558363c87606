"""What only shows in the bytes on the connection: odd paths, HEAD, chunks, Expect, gzip, sizes, missing headers."""

import gzip
import json

import pytest
from conformance_help import TAXII, Wire, authorized, envelope, ids, indicator

MAX = 65_536  # the smallest that a root may be given


@pytest.fixture(scope="module")
def small(world):
    """A collection in a root that takes bodies of at most MAX bytes."""
    world.node.run("root", "add", "small", "--title", "Small", "--max-content-length", str(MAX))
    made = world.node.collection("In the small root", "--root", "small")
    world.node.grant(made, "--user", "both", "--read", "--write", "--max-marking", "TLP:RED")
    assert world.get("/small/").json()["max_content_length"] == MAX
    return f"/small/collections/{made}/"


@pytest.fixture
def wire(world):
    with Wire(world.node.url) as made:
        yield made


def posting(world, **more):
    return authorized(world.both, Content_Type=TAXII, **more)


def chunked(body, size=1_000):
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def padded(bytes_wanted, *objects):
    """An envelope of exactly so many bytes."""
    body = envelope(*objects)
    return body[:-1] + b" " * (bytes_wanted - len(body)) + body[-1:]


def test_doubled_slashes_and_none_at_the_end(world, wire):
    path = world.collection()
    assert world.post(path, [indicator(1)]).status_code == 202
    for target in (path + "objects", path.replace("/", "//") + "objects//", path + "/objects/?limit=1", "/%61pi" + path[4:] + "object%73/"):
        wire.send("GET", target, authorized(world.both))
        status, headers, body = wire.answer()
        assert (status, "location" in headers) == (200, False), target
        assert [member["id"] for member in json.loads(body)["objects"]] == [indicator(1)["id"]]
    body = envelope(indicator(2))
    wire.send("POST", path + "/objects", posting(world, Content_Length=len(body)), body)
    assert wire.answer()[0] == 202
    wire.send("DELETE", "/" + path + "objects/" + indicator(2)["id"], authorized(world.both))
    assert wire.answer()[0] == 200


def test_plus_that_was_not_encoded(world, wire):
    path = world.collection()
    world.post(path, [indicator(1)])
    for sent, hits in (("2020-01-01T00:00:00+02:00", 1), ("2020-01-01T00:00:00%2B02:00", 1), ("2020-01-01T00:00:00Z", 1), ("2099-01-01T00:00:00+02:00", 0)):
        wire.send("GET", f"{path}objects/?added_after={sent}", authorized(world.both))
        status, _, body = wire.answer()
        assert (status, len(json.loads(body).get("objects", []))) == (200, hits), sent


def test_head_has_the_headers_of_get_and_no_body(world, wire):
    path = world.collection()
    world.post(path, [indicator(1)])
    for target, expected in (("/taxii2/", 200), (path + "objects/", 200), (path + "objects/?limit=0", 400), ("/none/", 404)):
        wire.send("GET", target, authorized(world.both))
        got, of_get, _ = wire.answer()
        wire.send("HEAD", target, authorized(world.both))
        status, of_head = wire.head()
        assert status == got == expected
        for name in ("content-type", "content-length", "x-taxii-date-added-first", "x-taxii-date-added-last"):
            assert of_head.get(name) == of_get.get(name)
    # Nothing came after the heads: the connection still works.
    wire.send("GET", "/taxii2/", authorized(world.both))
    assert wire.answer()[0] == 200


def test_wrong_methods(world, wire):
    for method, target, allow in (("PUT", "/taxii2/", "GET, HEAD"), ("OPTIONS", "/api/collections/x/objects/", "GET, HEAD, POST"), ("PATCH", "/api/collections/x/objects/y/", "GET, HEAD, DELETE")):
        wire.send(method, target, authorized(world.both))
        status, headers, _ = wire.answer()
        assert (status, headers["allow"]) == (405, [allow])
        wire.send(method, target, {"Accept": TAXII})
        assert wire.answer()[0] == 401


def test_without_accept_and_user_agent(world, wire):
    headers = authorized(world.both)
    del headers["Accept"]
    wire.send("GET", "/taxii2/", headers)
    status, headers, _ = wire.answer()
    assert (status, headers["content-type"]) == (200, [TAXII])


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (TAXII, 200),
        ("application/taxii+json", 200),
        ("application/taxii+json; version=2.1;q=0.9, application/stix+json;version=2.1", 200),
        ('Application/TAXII+JSON;version="2.1"', 200),
        ("application/json, text/plain, */*", 200),
        ("*/*", 200),
        ("application/taxii+json;version=2.0", 406),
        ("application/vnd.oasis.taxii+json; version=2.0", 406),
        ("text/html", 406),
        ("application/taxii+json;q=0", 406),
    ],
)
def test_accept(world, accept, status):
    for target in ("/taxii2/", "/api/collections/"):
        answer = world.get(target, headers={"Accept": accept})
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == TAXII
        if status == 406:
            assert "send \"Accept: application/taxii+json;version=2.1\"" in answer.json()["description"]


def test_sizes_around_the_maximum(world, small):
    for size, status in ((MAX - 1, 202), (MAX, 202), (MAX + 1, 413), (50 * MAX, 413)):
        answer = world.node.request("POST", small + "objects/", world.both, data=padded(size, indicator(1)), headers={"Content-Type": TAXII})
        assert answer.status_code == status, size
        assert answer.headers["Content-Type"] == TAXII


def test_chunks_around_the_maximum(world, small):
    for size, status in ((500, 202), (MAX, 202), (MAX + 1, 413)):
        with Wire(world.node.url) as wire:
            wire.send("POST", small + "objects/", posting(world, Transfer_Encoding="chunked"), chunked(padded(size, indicator(1))))
            assert wire.answer()[0] == status, size


def test_broken_chunks(world, small):
    with Wire(world.node.url) as wire:
        wire.send("POST", small + "objects/", posting(world, Transfer_Encoding="chunked"), b"xyz\r\nnonsense\r\n")
        status, headers, body = wire.answer()
        assert (status, headers["content-type"]) == (400, [TAXII])
        assert json.loads(body)["http_status"] == "400"


def test_expectation_is_met_when_the_body_is_wanted(world, small, wire):
    body = envelope(indicator(1))
    wire.send("POST", small + "objects/", posting(world, Expect="100-continue", Content_Length=len(body)))
    assert wire.head()[0] == 100
    wire.socket.sendall(body)
    assert wire.answer()[0] == 202


def test_expectation_is_refused_before_the_body(world, small):
    too_long = posting(world, Expect="100-continue", Content_Length=MAX + 1)
    wrong_type = {**posting(world, Expect="100-continue", Content_Length=10), "Content-Type": "text/plain"}
    no_right = {**authorized(world.nobody), "Content-Type": TAXII, "Expect": "100-continue", "Content-Length": "10"}
    stranger = {"Accept": TAXII, "Content-Type": TAXII, "Expect": "100-continue", "Content-Length": str(MAX + 1)}
    for headers, status in ((too_long, 413), (wrong_type, 415), (no_right, 404), (stranger, 401)):
        with Wire(world.node.url) as wire:
            wire.send("POST", small + "objects/", headers)
            assert wire.answer()[0] == status  # and no 100 before it


def test_gzip_in_and_out(world, small):
    path = world.collection()
    objects = [indicator(n) for n in range(1, 200)]
    packed = gzip.compress(envelope(*objects))
    answer = world.node.request("POST", path + "objects/", world.both, data=packed, headers={"Content-Type": TAXII, "Content-Encoding": "gzip"})
    assert answer.json()["success_count"] == len(objects)
    plain = world.get(path + "objects/", headers={"Accept-Encoding": "identity"})
    small_answer = world.get(path + "objects/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers and small_answer.headers["Content-Encoding"] == "gzip"
    assert small_answer.content == plain.content
    # The limit is one on decoded bytes.
    for size, status in ((MAX, 202), (MAX + 1, 413), (500 * MAX, 413)):
        packed = gzip.compress(padded(size, indicator(1)))
        assert len(packed) < MAX
        answer = world.node.request("POST", small + "objects/", world.both, data=packed, headers={"Content-Type": TAXII, "Content-Encoding": "gzip"})
        assert answer.status_code == status, size
    for data in (b"no gzip", gzip.compress(envelope(indicator(1)))[:-9]):
        answer = world.node.request("POST", small + "objects/", world.both, data=data, headers={"Content-Type": TAXII, "Content-Encoding": "gzip"})
        assert answer.status_code == 400


def test_content_types(world):
    path = world.collection()
    number = 0
    for sent in (TAXII, "application/taxii+json; version=2.1", "application/taxii+json", "application/json; charset=utf-8", "application/stix+json;version=2.1"):
        number += 1
        assert world.post(path, [indicator(number)], headers={"Content-Type": sent}).status_code == 202, sent
    for sent in ("application/taxii+json;version=2.0", "text/plain", "application/x-www-form-urlencoded"):
        assert world.post(path, [indicator(99)], headers={"Content-Type": sent}).status_code == 415, sent
    body = envelope(indicator(99))
    with Wire(world.node.url) as wire:
        wire.send("POST", path + "objects/", authorized(world.both, Content_Length=len(body)), body)
        assert wire.answer()[0] == 415, "no Content-Type"
    assert len(ids(world.get(path + "objects/"))) == number


def test_a_content_type_on_get_says_nothing(world):
    assert world.get("/taxii2/", headers={"Content-Type": "text/plain"}).status_code == 200


def test_a_bundle_is_read_as_an_envelope(world):
    path = world.collection()
    bundle = {"type": "bundle", "id": "bundle--00000001-0000-4000-8000-000000000000", "objects": [indicator(1)]}
    answer = world.node.request("POST", path + "objects/", world.both, json=bundle, headers={"Content-Type": TAXII})
    assert (answer.status_code, answer.json()["success_count"]) == (202, 1)
    assert "type" not in world.get(path + "objects/").json()


def test_bytes_come_back_as_they_went_in(world):
    path = world.collection()
    body = (
        '{"type":"indicator","spec_version":"2.1","id":"indicator--00000001-0000-4000-8000-000000000000",'
        '"created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","valid_from":"2024-01-01T00:00:00Z",'
        '"pattern":"[a:b = \'c\']","pattern_type":"stix","x_n":[1e2,1.0,-0,12345678901234567],"x_t":"\\u00e9 \\ud83d\\ude00 a\\/b",'
        '"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}'
    ).encode()
    answer = world.node.request("POST", path + "objects/", world.both, data=b'{"objects":[' + body + b"]}", headers={"Content-Type": TAXII})
    assert answer.json()["success_count"] == 1, answer.text
    assert body in world.get(path + "objects/").content
    # An empty result has more than the two bytes from which some clients guess UTF-16.
    empty = world.collection()
    for resource in ("objects/", "manifest/"):
        assert len(world.get(empty + resource).content) > 4


def test_malformed_bodies(world):
    path = world.collection()
    for body, status in (
        (b"", 400), (b"{", 400), (b'{"objects":[NaN]}', 400), (b"\xff\xfe", 400), (b'{"objects":[{}],"objects":[{}]}', 400),
        (b"{}", 422), (b"[]", 422), (b'{"objects":[]}', 422), (b'{"objects":7}', 422),
    ):
        answer = world.node.request("POST", path + "objects/", world.both, data=body, headers={"Content-Type": TAXII})
        assert answer.status_code == status, body
        assert answer.json()["http_status"] == str(status)
    assert world.get(path + "manifest/").json() == {}


# -- what a reader is allowed (docs/allowed.md)


def test_what_a_reader_is_allowed(world):
    path = world.collection()
    before = world.get(path + "allowed/", world.reader)
    assert before.status_code == 200
    assert before.headers["Content-Type"] == "application/json"
    told = before.json()
    assert (told["can_read"], told["can_write"], told["types"]) == (True, False, "any")
    assert told["max_marking"] == "TLP:RED" and len(told["markings"]) == 9
    assert world.get(path + "allowed", world.lister).json()["can_read"] is False
    # The same whatever there is.
    assert world.post(path, [indicator(1)]).status_code == 202
    assert world.get(path + "allowed/", world.reader).content == before.content
    # Hidden and absent look alike.
    hidden = world.get(path + "allowed/", world.nobody)
    absent = world.get("/api/collections/00000000-0000-4000-8000-000000000000/allowed/", world.nobody)
    assert (hidden.status_code, absent.status_code) == (404, 404)
    same = [{k: v for k, v in answer.json().items() if k != "error_id"} for answer in (hidden, absent)]
    assert same[0] == same[1]
    assert world.delete(path + "allowed/").status_code == 405
