"""OASIS's own clients, unmodified, call for call: taxii2-client 2.3 and the TAXII source and sink of python-stix2."""

import threading

import pytest
import requests
import stix2
from support.node import indicator
from taxii2client.common import TokenAuth
from taxii2client.exceptions import AccessError
from taxii2client.v21 import ApiRoot, Collection, Server, Status, as_pages

MANY = 5_000


@pytest.fixture
def served(node):
    """A node with a collection, a publisher and a reader."""
    node.publisher = node.user("publisher", "publisher password", role="publisher")
    node.reader = node.user("reader", "reader password", role="reader")
    node.collection_id = node.collection("Indicators", "--alias", "indicators")
    node.grant(node.collection_id, "--user", "publisher", "--read", "--write")
    node.grant(node.collection_id, "--user", "reader", "--read")
    node.serve()
    return node


def collection(node, who):
    return Collection(f"{node.url}/api/collections/{node.collection_id}/", user=who[0], password=who[1])


def test_discovery_api_root_and_collections(served):
    server = Server(f"{served.url}/taxii2/", user=served.reader[0], password=served.reader[1])
    assert server.title
    assert server.default.url == server.api_roots[0].url
    root = server.default
    assert isinstance(root, ApiRoot)
    assert root.title and "application/taxii+json;version=2.1" in root.versions and root.max_content_length > 0
    (only,) = root.collections
    assert (only.id, only.alias, only.can_read, only.can_write) == (served.collection_id, "indicators", True, False)
    assert only.media_types == ["application/stix+json;version=2.1"]


def test_token_scheme(served):
    token = served.json("token", "add", "reader")["token"]
    server = Server(f"{served.url}/taxii2/", auth=TokenAuth(token))
    assert server.default.collections[0].can_read


def test_wrong_password_is_refused_with_a_challenge(served):
    with pytest.raises(requests.exceptions.HTTPError) as refused:
        _ = Server(f"{served.url}/taxii2/", user="reader", password="wrong").title
    assert refused.value.response.status_code == 401
    assert "Basic" in refused.value.response.headers["WWW-Authenticate"]


def test_add_objects_status_and_every_read_call(served):
    writer = collection(served, served.publisher)
    first = indicator(1)
    second = indicator(1, modified="2024-02-01T00:00:00.000Z", name="Changed")
    status = writer.add_objects({"objects": [first, second, indicator(2)]})
    assert isinstance(status, Status)
    assert (status.status, status.total_count, status.success_count, status.failure_count) == ("complete", 3, 3, 0)
    again = Status(f"{served.url}/api/status/{status.id}/", user=served.publisher[0], password=served.publisher[1])
    assert again.success_count == 3
    again.wait_until_final()

    reader = collection(served, served.reader)
    assert {(o["id"], o["modified"]) for o in reader.get_objects()["objects"]} == {
        (second["id"], second["modified"]),
        (indicator(2)["id"], indicator(2)["modified"]),
    }
    assert reader.get_object(first["id"])["objects"] == [second]
    assert reader.get_object(first["id"], version=first["modified"])["objects"] == [first]
    assert len(reader.get_object(first["id"], version="all")["objects"]) == 2
    assert reader.object_versions(first["id"])["versions"] == [first["modified"], second["modified"]]
    manifest = reader.get_manifest()["objects"]
    assert [m["id"] for m in manifest] == [second["id"], indicator(2)["id"]]
    assert reader.get_manifest(id=first["id"], version="first")["objects"][0]["version"] == first["modified"]
    assert reader.get_objects(type="malware").get("objects") is None
    assert reader.get_objects(added_after=manifest[0]["date_added"])["objects"] == [indicator(2)]

    writer.delete_object(first["id"])
    with pytest.raises(requests.exceptions.HTTPError) as gone:
        reader.get_object(first["id"])
    assert gone.value.response.status_code == 404


def test_the_client_keeps_to_the_rights_it_is_told(served):
    with pytest.raises(AccessError):
        collection(served, served.reader).add_objects({"objects": [indicator(1)]})


def test_partial_failure_is_told_object_by_object(served):
    status = collection(served, served.publisher).add_objects({"objects": [indicator(1), {"type": "indicator"}, indicator(2)]})
    assert (status.success_count, status.failure_count) == (2, 1)
    assert len(status.successes) == 2 and status.failures[0]["message"]


@pytest.mark.parametrize("by", ["objects", "manifest"])
def test_as_pages_gives_every_object_once_while_others_write(served, by):
    for start in range(0, MANY, 1_000):
        answer = served.post(served.objects_path(served.collection_id), [indicator(n) for n in range(start, start + 1_000)], served.publisher)
        assert answer.status_code == 202, answer.text
    expected = {indicator(n)["id"] for n in range(MANY)}
    stop = threading.Event()
    problems = []

    def write():
        number = MANY
        while not stop.is_set():
            answer = served.post(served.objects_path(served.collection_id), [indicator(number)], served.publisher)
            if answer.status_code != 202:
                problems.append(answer.text)
                return
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for size in (1, 7, 100, 1_000):
            reader = collection(served, served.reader)
            call = reader.get_objects if by == "objects" else reader.get_manifest
            seen = []
            for page in as_pages(call, per_request=size):
                got = page.get("objects", [])
                assert 0 < len(got) <= size
                seen += [o["id"] for o in got]
                if len(seen) >= MANY:
                    break  # the writer may go on faster than single objects are read
            assert len(seen) == len(set(seen)), "an object came twice"
            assert expected <= set(seen), "an object was missed"
    finally:
        stop.set()
        writer.join()
    assert not problems


def test_stix2_source_and_sink(served):
    sink = stix2.TAXIICollectionSink(collection(served, served.publisher))
    source = stix2.TAXIICollectionSource(collection(served, served.reader))
    malware = stix2.Malware(name="Lantern", is_family=True, object_marking_refs=stix2.TLP_GREEN)
    made = stix2.Indicator(
        name="Address", pattern="[ipv4-addr:value = '198.51.100.7']", pattern_type="stix", object_marking_refs=stix2.TLP_GREEN
    )
    link = stix2.Relationship(made, "indicates", malware, object_marking_refs=stix2.TLP_GREEN)
    sink.add([malware, made, link])
    changed = made.new_version(name="Address, again")
    sink.add(changed)

    assert source.get(made.id).name == "Address, again"
    assert {v.name for v in source.all_versions(made.id)} == {"Address", "Address, again"}
    assert source.query([stix2.Filter("type", "=", "malware")])[0] == malware
    assert source.relationships(made, "indicates")[0].id == link.id
    assert source.related_to(made)[0].id == malware.id
    assert source.get("indicator--00000000-0000-4000-8000-00000000dead") is None
