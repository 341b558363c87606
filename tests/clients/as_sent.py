"""HTTP as bytes: a connection that sends the request line and headers of a client to the letter, and the record of what was sent."""

import base64
import gzip
import json
import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests


class Record:
    """Every request that a replayed client sent: (method, target, headers, status), but for those with the credentials `others`.
    `then` is called once after the next answer."""

    def __init__(self, others=None):
        self.others = others and "Basic " + basic_value(*others)
        self.sent = []
        self.then = None

    def add(self, method, target, headers, status):
        self.sent.append((method, target, dict(headers), status))
        if self.then is not None:
            act, self.then = self.then, None
            act()

    def targets(self):
        return [target for _, target, _, _ in self.sent]

    def refused(self):
        return [one for one in self.sent if one[3] not in (200, 202)]

    @contextmanager
    def of_requests(self):
        """Records what goes out through the requests library, which the OASIS client is built on."""
        plain = requests.Session.send

        def send(session, request, **options):
            answer = plain(session, request, **options)
            if request.headers.get("Authorization") != self.others:
                self.add(request.method, request.path_url, request.headers, answer.status_code)
            return answer

        requests.Session.send = send
        try:
            yield self
        finally:
            requests.Session.send = plain


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Line:
    """One client's connection. Header names and their order are the caller's; Host is added first, Content-Length last."""

    def __init__(self, url, record):
        parts = urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.record = record
        self.socket = None
        self.left = b""

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def write(self, data):
        """Bytes as they are; `answer` reads what comes back."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=60)
            self.left = b""
        self.socket.sendall(data)

    def ask(self, method, target, headers, body=None):
        lines = [f"{method} {target} HTTP/1.1", "Host: %s:%d" % self.address]
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.write("\r\n".join([*lines, "", ""]).encode("ascii") + (body or b""))
        answer = self.answer()
        if ("connection", "close") in [(name.lower(), value) for name, value in headers]:
            self.close()
        self.record.add(method, target, headers, answer.status)
        return answer

    def _more(self):
        part = self.socket.recv(1 << 20)
        if not part:
            raise AssertionError("the connection ended inside an answer")
        return part

    def answer(self):
        while b"\r\n\r\n" not in self.left:
            self.left += self._more()
        head, rest = self.left.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        parts, have = [rest], len(rest)
        length = int(headers.get("content-length", "0"))
        while have < length:
            parts.append(self._more())
            have += len(parts[-1])
        whole = b"".join(parts)
        body, self.left = whole[:length], whole[length:]
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return Answer(int(first.split(" ")[1]), headers, body)


def basic_value(user, password):
    return base64.b64encode(f"{user}:{password}".encode()).decode()
