"""A served node with one user of each kind, shared by the tests of a file; and HTTP as bytes on a socket."""

import json
import socket
import ssl
from urllib.parse import urlsplit

from support.node import TAXII, Node, basic, indicator

UNKNOWN = "00000000-0000-4000-8000-000000000000"


class World:
    """Users `both`, `reader`, `writer`, `lister` and `nobody`, each with a password; collections made for each test."""

    def __init__(self, directory):
        self.node = Node(directory)
        roles = {"both": "publisher", "reader": "reader", "writer": "publisher", "lister": "reader", "nobody": "reader"}
        for name, role in roles.items():
            setattr(self, name, self.node.user(name, f"the password of {name}", role))
        self.made = 0

    def collection(self, *options):
        """A new collection on which each user has the rights of its name; returns its path."""
        self.made += 1
        made = self.node.collection(f"Collection {self.made}", *options)
        self.node.grant(made, "--user", "both", "--read", "--write", "--max-marking", "TLP:RED")
        self.node.grant(made, "--user", "reader", "--read", "--max-marking", "TLP:RED")
        self.node.grant(made, "--user", "writer", "--write", "--max-marking", "TLP:RED")
        self.node.grant(made, "--user", "lister", "--list")
        return f"/api/collections/{made}/"

    def get(self, path, who=None, **options):
        return self.node.get(path, who or self.both, **options)

    def post(self, path, objects, who=None, **options):
        return self.node.post(path + "objects/", objects, who or self.both, **options)

    def delete(self, path, who=None, **options):
        return self.node.request("DELETE", path, who or self.both, **options)


class Wire:
    """One connection on which a test writes exactly the bytes it wants."""

    def __init__(self, url, context=None):
        parts = urlsplit(url)
        self.host = f"{parts.hostname}:{parts.port}"
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=60)
        if parts.scheme == "https":
            self.socket = (context or ssl.create_default_context()).wrap_socket(self.socket, server_hostname=parts.hostname)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method, target, headers, body=b""):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def _more(self):
        part = self.socket.recv(65536)
        self.left += part
        return bool(part)

    def head(self):
        """Status and headers (lower-case names, repeated ones as a list) of the next answer."""
        while b"\r\n\r\n" not in self.left:
            if not self._more():
                raise AssertionError(f"the connection ended after {self.left!r}")
        head, self.left = self.left.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        return int(first.split(" ")[1]), headers

    def answer(self):
        status, headers = self.head()
        length = int(headers.get("content-length", ["0"])[0])
        while len(self.left) < length:
            if not self._more():
                raise AssertionError("the connection ended inside a body")
        body, self.left = self.left[:length], self.left[length:]
        return status, headers, body

    def quiet_end(self):
        """What is left on the connection when the server ends it."""
        try:
            while self._more():
                pass
        except ConnectionError:  # a reset ends it too
            pass
        return self.left


def authorized(who, **more):
    headers = {"Authorization": basic(*who), "Accept": TAXII}
    headers.update({name.replace("_", "-"): value for name, value in more.items()})
    return headers


def envelope(*objects):
    return json.dumps({"objects": list(objects)}).encode()


def ids(answer):
    return [member["id"] for member in answer.json().get("objects", [])]


__all__ = ["TAXII", "UNKNOWN", "Wire", "World", "authorized", "envelope", "ids", "indicator"]
