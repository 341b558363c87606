"""The field on which clients are replayed: a served node, a collection for each client with 5,000 objects that its account may see
and 200 that it may not, and what arrives, changes and is revoked later."""

import datetime
import json
import uuid

from support.node import TAXII, Node

WHOLE = 5_000
HIDDEN = 200
A_POST = 500
SMALL_BYTES = 262_144  # of one body, in the API root `small`
DAY = "2024-05-01T00:00:00.000Z"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
WHITE_1 = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"  # TLP 1, which XSOAR knows alone
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
SCO_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, 2.9


def id_of(kind, number):
    return f"{kind}--{number:08x}-5ca1-4000-8000-00000000f1e1"


def now_stix():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pattern(number):
    """The shapes that clients read or skip: one comparison, a subnet, hashes, several observations."""
    host = f"h{number}.example.org"
    return (
        f"[ipv4-addr:value = '10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}']",
        f"[domain-name:value = '{host}']",
        f"[url:value = 'https://{host}/a?b=c']",
        f"[file:hashes.'SHA-256' = '{number:064x}']",
        f"[ipv4-addr:value ISSUBSET '10.{number >> 8 & 255}.{number & 255}.0/24']",
        f"[email-addr:value = 'mail@{host}']",
        f"[domain-name:value = '{host}'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.7']",
    )[number % 7]


def dated(kind, number, modified, **more):
    return {
        "type": kind, "spec_version": "2.1", "id": id_of(kind, number), "created": DAY, "modified": modified,
        "object_marking_refs": [(CLEAR, GREEN, WHITE_1)[number % 3]], **more,
    }


def made(number, modified=DAY):
    """Object `number`: mostly indicators, some malware, relationships between the two, and observables without any date."""
    if number % 10 == 0:
        return dated("malware", number, modified, name=f"Malware {number}", is_family=False)
    if number % 10 == 1:
        return dated(
            "relationship", number, modified, relationship_type="indicates",
            source_ref=id_of("indicator", number + 1), target_ref=id_of("malware", number - 1),
        )
    if number % 50 == 3:
        value = f"o{number}.example.org"
        return {
            "type": "domain-name", "spec_version": "2.1", "value": value,
            "id": f"domain-name--{uuid.uuid5(SCO_NAMESPACE, json.dumps({'value': value}, separators=(',', ':')))}",
            "object_marking_refs": [CLEAR],
        }
    return dated(
        "indicator", number, modified, name=f"Indicator {number}", indicator_types=["malicious-activity"],
        pattern=pattern(number), pattern_type="stix", valid_from=DAY,
    )


def secret(number):
    return dated("indicator", 0x7F000000 + number, DAY, pattern=pattern(number), pattern_type="stix", valid_from=DAY, object_marking_refs=[RED])


def first_objects(count):
    """What is there when the client comes: so many objects, with a hidden one after every 25."""
    everything = []
    for number in range(count):
        everything.append(made(number))
        if number % (WHOLE // HIDDEN) == 0:
            everything.append(secret(number))
    return everything


def version_of(one):
    """What tells a newer object from an older one of the same id; observables have one version only."""
    return one.get("modified", ""), one.get("revoked", False)


class Scene:
    """One client's collection and account. `expected` is what the account may see now: id to version."""

    def __init__(self, node, number, options, root, client, publisher):
        self.node = node
        self.url = node.url
        self.title = f"Feed {number}"
        self.root = root
        self.collection = node.collection(self.title, "--root", root, *options)
        self.user, self.password = client
        self.publisher = publisher
        node.grant(self.collection, "--user", self.publisher[0], "--read", "--write", "--max-marking", "TLP:RED")
        self.path = f"/{self.root}/collections/{self.collection}/"
        self.expected = {}
        self.next_number = WHOLE

    def may(self, *rights):
        self.node.grant(self.collection, "--user", self.user, *rights, "--max-marking", "TLP:GREEN")

    def token(self):
        return self.node.json("token", "add", self.user)["token"]

    def publish(self, objects):
        for start in range(0, len(objects), A_POST):
            part = objects[start : start + A_POST]
            body = json.dumps({"objects": part}, separators=(",", ":")).encode()
            status = self.node.request("POST", self.path + "objects/", self.publisher, data=body, headers={"Content-Type": TAXII})
            assert status.status_code == 202, status.text
            assert status.json()["success_count"] == len(part), status.text
        for one in objects:
            if RED not in one["object_marking_refs"]:
                self.expected[one["id"]] = version_of(one)

    def fill(self, count=WHOLE):
        self.publish(first_objects(count))
        assert len(self.expected) == count

    def arrive(self, count):
        modified = now_stix()
        numbers = range(self.next_number, self.next_number + count)
        self.next_number += count
        self.publish([made(number, modified) for number in numbers] + [secret(self.next_number)])

    def revoke(self, number):
        self.publish([{**made(number, now_stix()), "revoked": True}])

    def change(self, number):
        self.publish([made(number, now_stix())])

    def stored(self):
        """What the collection holds, as the publisher reads it in one page: id to version."""
        page = self.node.get(self.path + "objects/", self.publisher, params={"limit": 10_000})
        assert page.status_code == 200 and page.json()["more"] is False
        return {one["id"]: version_of(one) for one in page.json().get("objects", [])}


class Field:
    def __init__(self, directory):
        self.node = Node(directory)
        self.node.run("root", "add", "small", "--title", "Small bodies", "--max-content-length", SMALL_BYTES)
        self.publisher = self.user("publisher")
        self.anyone = self.user("anyone")
        self.scenes = 0

    def user(self, name):
        return self.node.user(name, f"the password of {name}", role="publisher")

    def scene(self, *options, root="api", client=None):
        """With an account of its own, unless `client` (such as `anyone`) is given."""
        self.scenes += 1
        client = client or self.user(f"client-{self.scenes}")
        return Scene(self.node, self.scenes, options, root, client, self.publisher)
