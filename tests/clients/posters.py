"""Clients that write, each as a small class that sends what that product sends. `send(objects)` is one push; `read` is what it made of
the answers."""

import json
from base64 import b64decode

import requests
from as_sent import Line, basic_value
from taxii2client import ApiRoot, Collection
from taxii2client.v21 import Server

TAXII = "application/taxii+json;version=2.1"


class Poster:
    rights = ("--read", "--write")
    root = "api"
    collection_options = ("--default-marking", "TLP:GREEN")  # for what it sends without a marking

    def __init__(self, scene, record):
        self.scene, self.record = scene, record
        self.accepted = 0
        self.errors = []  # what its log would show


class MispPush(Poster):
    """MISP's script on the OASIS library: asks the root for max_content_length, fills envelopes up to it byte by byte, posts each
    without waiting, and looks at failure_count alone. Its key is the base64 text of user and password."""

    root = "small"

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.key = basic_value(scene.user, scene.password)

    def send(self, objects):
        auth = requests.auth.HTTPBasicAuth(*b64decode(self.key.encode()).split(b":"))
        root_url = self.scene.url + "/" + self.scene.root
        with ApiRoot(root_url, auth=auth) as root:
            bytes_max = root.max_content_length
        with Collection(f"{root_url}/collections/{self.scene.collection}", auth=auth) as collection:
            for envelope in self.envelopes(objects, bytes_max):
                status = collection.add_objects(envelope, wait_for_completion=False)
                self.accepted += status.success_count
                if status.failure_count:
                    self.errors.append(f"The TAXII server failed to process some objects ({status.failures})!")

    def envelopes(self, objects, bytes_max):
        parts, size = [], len('{"objects":[]}')
        for one in objects:
            part = json.dumps(one).encode()
            if parts and size + len(part) + 1 > bytes_max:
                yield b'{"objects":[' + b",".join(parts) + b"]}"
                parts, size = [], len('{"objects":[]}')
            size += len(part) + (1 if parts else 0)
            parts.append(part)
        if parts:
            yield b'{"objects":[' + b",".join(parts) + b"]}"


class SplunkCtis(Poster):
    """The reporting app on the OASIS library: tries the server's discovery when it is set up, finds the collection by id in the root's
    list, and posts the text of a whole STIX bundle for each grouping."""

    grouping_size = 100

    def __init__(self, scene, record):
        super().__init__(scene, record)
        assert Server(url=scene.url + "/taxii2/", user=scene.user, password=scene.password).title

    def send(self, objects):
        for start in range(0, len(objects), self.grouping_size):
            self.submit(objects[start : start + self.grouping_size], start)

    def submit(self, objects, number):
        root = ApiRoot(url=f"{self.scene.url}/{self.scene.root}/", user=self.scene.user, password=self.scene.password)
        collection = {one.id: one for one in root.collections}[self.scene.collection]
        bundle = {"type": "bundle", "id": f"bundle--{number:08x}-0000-4000-8000-0000000000b0", "objects": objects}
        try:
            told = collection.add_objects(json.dumps(bundle))._raw
            self.accepted += told["success_count"]
            if told["failure_count"]:
                self.errors.append(json.dumps(told["failures"]))
        except requests.exceptions.HTTPError as error:
            self.errors.append(f"Failed to submit to TAXII collection: {error.response.text}")


class SentinelPlaybook(Poster):
    """The export playbook: POST of a bundle whose id holds the organisation's id, to the path without the slash at the end. Takes any
    status below 300 for sent."""

    def send(self, objects):
        line = Line(self.scene.url, self.record)
        bundle = {"type": "bundle", "id": "bundle--0badcafe-0000-4000-8000-000000000001", "objects": objects}
        headers = [
            ("Accept", TAXII),
            ("Content-Type", TAXII),
            ("Authorization", "Basic " + basic_value(self.scene.user, self.scene.password)),
        ]
        for start in range(0, len(objects), 500):
            bundle["objects"] = objects[start : start + 500]
            answer = line.ask("POST", self.scene.path + "objects", headers, json.dumps(bundle).encode())
            if answer.status >= 300:
                self.errors.append(answer.body.decode())
            else:
                self.accepted += answer.json()["success_count"]
        line.close()
