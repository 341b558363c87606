"""The fifteen rules that clients of the field taught (C2.1 to C2.15 of docs/conformance.md), each over real HTTP. More tests of each
are named in docs/clients.md."""

import gzip
import json
import re
import uuid
from pathlib import Path

import pytest
from as_sent import Line, Record, basic_value
from field import GREEN, WHOLE, made, secret

TAXII = "application/taxii+json;version=2.1"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class Caller:
    """The scene's client on one connection, sending exactly the headers that a test names."""

    def __init__(self, scene):
        self.scene = scene
        self.line = Line(scene.url, Record())
        self.basic = "Basic " + basic_value(scene.user, scene.password)

    def ask(self, method, target, body=None, **headers):
        given = {"Authorization": self.basic, "Accept": TAXII} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.line.ask(method, target, [(name, value) for name, value in given.items() if value is not None], body)

    def get(self, target, **headers):
        return self.ask("GET", target, **headers)

    def objects(self, query="", **headers):
        answer = self.get(self.scene.path + "objects/" + query, **headers)
        assert answer.status == 200, answer.body
        return answer.json()

    def ids(self, query="", **headers):
        return [one["id"] for one in self.objects(query, **headers).get("objects", [])]

    def post(self, body, **headers):
        return self.ask("POST", self.scene.path + "objects/", body, **({"Content_Type": TAXII} | headers))


@pytest.fixture(scope="module")
def empty(field):
    made_here = field.scene("--default-marking", "TLP:GREEN")
    made_here.may("--read", "--write")
    return made_here


@pytest.fixture
def caller(scene):
    one = Caller(scene)
    yield one
    one.line.close()


@pytest.fixture
def alone(empty):
    one = Caller(empty)
    yield one
    one.line.close()


def envelope(*objects):
    return json.dumps({"objects": list(objects)}).encode()


def test_rule_01_accepts_every_accept_but_another_version_and_always_answers_in_2_1(caller):
    taken = (
        "application/taxii+json", TAXII, "application/taxii+json; version=2.1", "APPLICATION/TAXII+JSON;Version=2.1",
        'application/taxii+json;version="2.1";q=0.3', "application/taxii+json;version=2.0;q=0.1, application/taxii+json",
        "application/json", "application/json, text/plain, */*", "*/*", "application/*", "", None,
    )
    for accept in taken:
        answer = caller.get("/api/collections/", Accept=accept)
        assert (answer.status, answer.headers["content-type"]) == (200, TAXII), accept
    for accept in ("application/taxii+json;version=2.0", "application/vnd.oasis.taxii+json; version=2.0", "text/html", "application/taxii+json;q=0"):
        answer = caller.get("/api/collections/", Accept=accept)
        assert (answer.status, answer.headers["content-type"]) == (406, TAXII), accept
        assert 'send "Accept: application/taxii+json;version=2.1"' in answer.json()["description"]


def test_rule_02_reads_slashes_and_encodings_as_they_are_meant_and_never_redirects(caller):
    wanted = caller.ids("?match[type]=malware&limit=3")
    assert len(wanted) == 3
    path = caller.scene.path
    for target in (
        path + "objects?match%5Btype%5D=malware&limit=3",
        "/" + path.replace("/", "//") + "objects//?match%5btype%5d=malware&limit=3",
        path.replace("api", "%61pi") + "object%73/?match[type]=malware&limit=3",
    ):
        answer = caller.get(target)
        assert (answer.status, "location" in answer.headers) == (200, False), target
        assert [one["id"] for one in answer.json()["objects"]] == wanted
    for target in ("/taxii2", "//taxii2//", "/api", "/api/collections", path[:-1], path + "manifest"):
        assert caller.get(target).status == 200, target
    for target in (path + "objects", path + "/objects"):
        answer = caller.ask("POST", target, envelope(made(4)), Content_Type=TAXII)
        assert (answer.status, answer.json()["success_count"]) == (202, 1)


def test_rule_03_takes_credentials_as_they_are_sent_and_challenges_otherwise(caller):
    key = caller.scene.token()
    pair = basic_value(caller.scene.user, caller.scene.password)
    for value in (
        f"Basic {pair}", f"basic {pair}", f"BASIC {pair}", f"Bearer {key}", f"bearer {key}", f"Token {key}", f"token {key}",
        "Basic " + basic_value(key, ""), "Basic " + basic_value("anyone", key),
    ):
        assert caller.get("/taxii2/", Authorization=value).status == 200, value.split(" ")[0]
    assert caller.get("/taxii2/", Authorization=None, X_Api_Key=key).status == 200, "the header that serve was told of"
    wrong = basic_value(caller.scene.user, "not the password")
    for value in (None, "Basic", f"Basic {wrong}", f"Bearer {key[:-1]}", f"Digest {pair}", pair):
        answer = caller.get("/taxii2/", Authorization=value)
        assert answer.status == 401
        assert answer.headers["www-authenticate"]
    assert caller.get("/taxii2/", Authorization=None, X_Api_Key=key + "x").status == 401


def test_rule_04_takes_an_empty_next_for_none_and_clamps_a_large_limit(caller):
    assert caller.ids("?limit=5&next=") == caller.ids("?limit=5")
    for limit in (10_000, 10_001, 15_000, 4_294_967_296, 9_223_372_036_854_775_807):
        assert len(caller.ids(f"?limit={limit}")) == WHOLE
    first = caller.objects("?limit=5")
    assert caller.ids(f"?limit=2&next={first['next']}") == caller.ids("?limit=7")[5:]
    assert caller.ids(f"?next={first['next']}&limit=30") == caller.ids("?limit=35")[5:]
    for limit in ("0", "-1", "1.5", "ten", "", "1,2"):
        answer = caller.get(f"{caller.scene.path}objects/?limit={limit}")
        assert answer.status == 400 and answer.json()["description"].startswith("limit: "), limit


def test_rule_05_cursors_carry_filter_and_place_and_can_be_used_again(caller):
    everything = caller.ids("?match[type]=malware&limit=400")
    following = caller.objects("?match[type]=malware&limit=100")["next"]
    for query in (f"?next={following}", f"?match[type]=malware&next={following}", f"?limit=300&next={following}"):
        assert caller.ids(query)[:300] == everything[100:], query
    assert caller.get(f"{caller.scene.path}objects/?match[type]=indicator&next={following}").status == 400
    # One bent character, another's cursor, another resource: no cursor at all.
    for bent in (("A" if following[0] != "A" else "B") + following[1:], following[:9], "1"):
        assert caller.get(f"{caller.scene.path}objects/?next={bent}").status == 400
    assert caller.get(f"{caller.scene.path}manifest/?next={following}").status == 400
    other = caller.scene.node.get(f"{caller.scene.path}objects/?next={following}", caller.scene.publisher)
    assert other.status_code == 400


def test_rule_05_a_newer_added_after_beside_an_old_cursor_is_a_bound_of_its_own(caller):
    dates = [one["date_added"] for one in json.loads(caller.get(caller.scene.path + "manifest/?limit=60").body)["objects"]]
    following = caller.objects("?limit=10&added_after=2020-01-01T00:00:00Z")["next"]
    assert caller.ids(f"?limit=5&next={following}&added_after={dates[9]}") == caller.ids("?limit=15")[10:]
    assert caller.ids(f"?limit=5&next={following}&added_after={dates[29]}") == caller.ids("?limit=35")[30:]
    assert caller.ids(f"?limit=5&next={following}&added_after={dates[0]}") == caller.ids("?limit=15")[10:]


def test_rule_06_more_comes_with_next_and_with_another_object_for_this_reader(alone):
    alone.scene.publish([made(n) for n in (2, 4)] + [secret(900)] + [made(n) for n in (5, 6)] + [secret(901), secret(902)])
    for resource, name in (("objects/", "objects"), ("manifest/", "objects")):
        for limit, pages in ((1, 4), (2, 2), (3, 2), (4, 1)):
            seen, query = [], f"?limit={limit}"
            for page in range(1, pages + 1):
                body = alone.get(alone.scene.path + resource + query).json()
                assert 0 < len(body[name]) <= limit, "an empty page in a walk"
                assert (body.get("more", False), "next" in body) == (page < pages, page < pages)
                seen += body[name]
                query = f"?limit={limit}&next={body.get('next')}"
            assert len(seen) == 4
    one = made(2)["id"]
    alone.scene.publish([{**made(2), "modified": f"2024-06-0{day}T00:00:00.000Z"} for day in (1, 2)])
    body = alone.get(f"{alone.scene.path}objects/{one}/versions/?limit=2").json()
    assert body["more"] is True and len(body["versions"]) == 2
    body = alone.get(f"{alone.scene.path}objects/{one}/versions/?limit=2&next={body['next']}").json()
    assert (len(body["versions"]), body.get("more", False), "next" in body) == (1, False, False)


def test_rule_07_dates_are_unique_and_rise_and_both_headers_come_with_objects(caller):
    dates, query = [], "?limit=2500"
    while query:
        answer = caller.get(caller.scene.path + "manifest/" + query)
        body = answer.json()
        page = [one["date_added"] for one in body["objects"]]
        assert answer.headers["x-taxii-date-added-first"] == page[0]
        assert answer.headers["x-taxii-date-added-last"] == page[-1]
        dates += page
        query = f"?limit=2500&next={body['next']}" if body.get("more") else None
    assert len(dates) == WHOLE and all(STAMP.fullmatch(date) for date in dates)
    assert dates == sorted(set(dates)), "each has a date of its own, and they rise"
    after = caller.get(f"{caller.scene.path}manifest/?limit=1&added_after={dates[1234]}").json()
    assert after["objects"][0]["date_added"] == dates[1235], "strictly greater"
    nothing = caller.get(f"{caller.scene.path}objects/?added_after={dates[-1]}")
    assert not [name for name in nothing.headers if name.startswith("x-taxii")]


def test_rule_08_reads_dates_as_they_are_written(caller):
    (third,) = (one["date_added"] for one in caller.get(caller.scene.path + "manifest/?limit=3").json()["objects"][2:])
    wanted = caller.ids("?limit=4")[3]
    assert caller.ids(f"?limit=1&added_after={third}") == [wanted]
    for end in ("000Z", "123Z", "+00:00", "%2B00:00", "%2b00%3A00", "%2000:00"):
        more = third[:-1] + end
        assert caller.ids(f"?limit=1&added_after={more}") == [wanted], more
    whole = caller.ids("?limit=1")
    for digits in range(7):
        early = "2020-01-01T01:00:00" + ("." + "0" * digits if digits else "")
        for end in ("Z", "+01:00", "%2B01:00", "-01:00"):
            assert caller.ids(f"?limit=1&added_after={early}{end}") == whole
    for junk in ("yesterday", "2020-01-01", "2020-13-01T00:00:00Z", "2020-01-01T00:00:00", ""):
        assert caller.get(f"{caller.scene.path}objects/?added_after={junk}").status == 400, junk


def test_rule_09_an_empty_result_has_no_list_and_more_than_two_bytes(caller):
    query = "?added_after=2099-01-01T00:00:00Z"
    objects = caller.get(caller.scene.path + "objects/" + query)
    assert (objects.status, objects.json()) == (200, {"more": False})
    for resource in ("manifest/", f"objects/{made(4)['id']}/versions/"):
        answer = caller.get(caller.scene.path + resource + query)
        assert (answer.status, answer.json()) == (200, {}) and len(answer.body) > 3
    for answer in (objects, caller.get(caller.scene.path + "manifest/" + query)):
        assert answer.body.decode("utf-8") and json.detect_encoding(answer.body) == "utf-8"


def test_rule_10_titles_roots_and_aliases_tell_one_from_another(caller):
    node = caller.scene.node
    taken = node.run("collection", "add", caller.scene.title, check=False)
    assert taken.returncode == 4 and caller.scene.title in taken.stderr
    assert node.run("root", "add", "api", check=False).returncode == 4
    roots = caller.get("/taxii2/").json()["api_roots"]
    last = [root.split("/")[-2] for root in roots]
    assert all(root.endswith("/") for root in roots) and len(set(last)) == len(last)
    node.grant(node.collection(f"{caller.scene.title} beside {uuid.uuid4()}"), "--user", caller.scene.user, "--list")
    listed = caller.get("/api/collections/").json()["collections"]
    assert len({one["title"] for one in listed}) == len(listed) >= 2
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one["id"]) for one in listed)
    by_alias = caller.get("/api/collections/the-alias/objects/?limit=2").json()
    assert by_alias["objects"] == caller.objects("?limit=2")["objects"]
    assert caller.get("/api/collections/the-alias/").json()["id"] == caller.scene.collection


def test_rule_11_status_lists_are_whole_and_sums_right(alone):
    answer = alone.post(envelope(*[made(n) for n in range(100, 400)], {"type": "indicator", "id": "indicator--no"}, secret(7)))
    status = answer.json()
    assert answer.status == 202 and status["status"] == "complete"
    assert status["total_count"] == 302 == status["success_count"] + status["failure_count"] + status["pending_count"]
    for name, count in (("successes", "success_count"), ("failures", "failure_count"), ("pendings", "pending_count")):
        assert len(status.get(name, [])) == status[count] and status.get(name) != []
    assert all(one["id"] and one["version"] for one in status["successes"] + status["failures"])
    again = alone.get(f"/api/status/{status['id']}")
    assert (again.status, again.json()) == (200, status)


def test_rule_12_takes_bodies_as_they_are_sent(alone):
    number = iter(range(1_004, 9_999, 10))

    def sent(body_of, **headers):
        one = made(next(number))
        answer = alone.post(body_of(one), **headers)
        assert (answer.status, answer.json().get("success_count")) == (202, 1), (headers, answer.body)
        assert alone.ids(f"?match[id]={one['id']}") == [one["id"]]

    for kind in (
        "application/taxii+json; version=2.1", "application/taxii+json;version=2.1;charset=utf-8", "Application/TAXII+json",
        "application/json", "application/json; charset=UTF-8", "application/stix+json;version=2.1",
    ):
        sent(envelope, Content_Type=kind)
    sent(lambda one: json.dumps({"type": "bundle", "id": "bundle--1", "objects": [one]}).encode())
    sent(lambda one: gzip.compress(envelope(one)), Content_Encoding="gzip")
    assert alone.post(envelope(made(4)), Content_Type="application/taxii+json;version=2.0").status == 415


def test_rule_12_takes_chunks_and_an_expectation(alone):
    scene = alone.scene
    head = [("Authorization", alone.basic), ("Accept", TAXII), ("Content-Type", TAXII)]
    body = envelope(made(2_004))
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:100], body[100:], b""))
    line = Line(scene.url, Record())
    fields = "\r\n".join(f"{name}: {value}" for name, value in [*head, ("Transfer-Encoding", "chunked"), ("Host", "x")])
    line.write(f"POST {scene.path}objects/ HTTP/1.1\r\n{fields}\r\n\r\n".encode() + chunks)
    answer = line.answer()
    assert (answer.status, answer.json()["success_count"]) == (202, 1)
    body = envelope(made(2_014))
    fields = "\r\n".join(f"{name}: {value}" for name, value in [*head, ("Expect", "100-continue"), ("Content-Length", len(body)), ("Host", "x")])
    line.write(f"POST {scene.path}objects/ HTTP/1.1\r\n{fields}\r\n\r\n".encode())
    assert line.answer().status == 100
    line.write(body)
    answer = line.answer()
    assert (answer.status, answer.json()["success_count"]) == (202, 1)
    line.close()


def test_rule_13_another_version_is_406_and_forbidden_looks_like_unknown(caller, field):
    for accept in ("application/vnd.oasis.taxii+json; version=2.0", "application/vnd.oasis.stix+json; version=2.0"):
        assert caller.get("/taxii2/", Accept=accept).status == 406
        assert caller.get(caller.scene.path + "objects/", Accept=accept).status == 406
    hidden = field.scene()
    for below in ("", "objects/", "manifest/", f"objects/{made(4)['id']}/", f"objects/{made(4)['id']}/versions/"):
        forbidden, unknown = (caller.get(f"/api/collections/{one}/{below}") for one in (hidden.collection, UNKNOWN))
        assert forbidden.status == unknown.status == 404
        told = [{**answer.json(), "error_id": ""} for answer in (forbidden, unknown)]
        assert told[0] == told[1]


def test_rule_14_serves_ten_thousand_objects_in_a_page(field):
    scene = field.scene()
    scene.may("--read")
    alone = Caller(scene)
    for start in range(20_000, 30_010, 500):
        scene.publish([made(n) for n in range(start, start + 500)])
    after = "?added_after=2020-01-01T00:00:00Z&limit=15000"
    page = alone.objects(after)
    assert (len(page["objects"]), page["more"]) == (10_000, True)
    rest = alone.objects(f"?next={page['next']}&limit=15000")
    assert rest["more"] is False
    assert {one["id"] for one in page["objects"] + rest["objects"]} == set(scene.expected)
    alone.line.close()


def seconds_of(process):
    """What the server has computed so far, whatever else the machine does: the time that its threads ran."""
    threads = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def test_rule_15_an_empty_poll_costs_a_fraction_of_a_page(caller):
    last = caller.get(caller.scene.path + "manifest/?limit=10000").headers["x-taxii-date-added-last"]

    def cost(query, times):
        start = seconds_of(caller.scene.node.process)
        for _ in range(times):
            caller.objects(query)
        return (seconds_of(caller.scene.node.process) - start) / times

    empty = cost(f"?added_after={last}", 50)
    whole = cost("?limit=10000", 5)
    assert empty * 5 < whole, f"{empty * 1e6:.0f} us against {whole * 1e6:.0f} us"


def test_markings_of_both_generations_are_understood(caller):
    """Beside the rules: XSOAR reads TLP 1 ids alone, others write TLP 2.0; the ceiling TLP:GREEN takes in both."""
    marked = {ref for one in caller.objects("?limit=10000")["objects"] for ref in one["object_marking_refs"]}
    assert GREEN in marked and "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9" in marked
