"""Kills the server with SIGKILL while writers and paging readers work, restarts it, and checks what was promised.

1. Every object of an acknowledged request is there afterwards.
2. A request that was not acknowledged is there whole or not at all.
3. A reader that pages, by `next` or by `added_after`, across the kills, gets every object once, under rising dates.

As a program: crash.py ROUNDS [--seed N]
"""

import argparse
import http.client
import json
import random
import signal
import sys
import tempfile
import threading
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.node import TAXII, Node, entente, indicator  # noqa: E402

WRITERS = 8
READERS = 4
OBJECTS_A_ROUND = 200
ROUNDS_A_COLLECTION = 50


class Wrong(AssertionError):
    """The server broke a promise."""


class Connection:
    """Keep-alive requests; raises OSError or HTTPException when the server is gone."""

    def __init__(self, url, token):
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
        self.headers = {"Accept": TAXII, "Authorization": "Bearer " + token}

    def call(self, method, path, body=None):
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = TAXII
        self.http.request(method, path, body=body, headers=headers)
        reply = self.http.getresponse()
        return reply.status, reply.headers, reply.read()

    def close(self):
        self.http.close()


GONE = (OSError, http.client.HTTPException)


class Ledger:
    """What writers sent, and what was acknowledged. One lock guards all of it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = []  # one list of (id, version) for each request
        self.acknowledged = set()
        self.number = 0
        self.this_round = 0
        self.enough = threading.Event()

    def draw(self, count):
        with self.lock:
            first = self.number
            self.number += count
            return range(first, first + count)

    def sending(self, keys):
        with self.lock:
            self.sent.append(keys)

    def acknowledge(self, keys):
        with self.lock:
            self.acknowledged.update(keys)
            self.this_round += len(keys)
            if self.this_round >= OBJECTS_A_ROUND:
                self.enough.set()


def write(url, token, collection, ledger, dice, stop):
    connection = Connection(url, token)
    try:
        while not stop.is_set():
            objects = [indicator(n) for n in ledger.draw(dice.randint(1, 6))]
            keys = [(o["id"], o["modified"]) for o in objects]
            ledger.sending(keys)
            status, _, body = connection.call(
                "POST", f"/api/collections/{collection}/objects/", json.dumps({"objects": objects})
            )
            if status == 202:
                if json.loads(body)["success_count"] != len(objects):
                    raise Wrong(f"refused good objects: {body[:500]}")
                ledger.acknowledge(keys)
            elif status != 503:
                raise Wrong(f"POST answered {status}: {body[:500]}")
    except GONE:
        pass
    finally:
        connection.close()


class Reader:
    """Keeps its place across kills and never starts again."""

    def __init__(self, dice):
        self.dice = dice
        self.next = None
        self.last = None
        self.received = {}

    def page(self, connection, collection):
        query = {"limit": str(self.dice.choice((1, 7, 50, 500)))}
        if self.next:
            query["next"] = self.next
        elif self.last:
            query["added_after"] = self.last
        path = f"/api/collections/{collection}/manifest/?" + urllib.parse.urlencode(query)
        status, headers, body = connection.call("GET", path)
        if status == 503:
            return True
        if status != 200:
            raise Wrong(f"GET {path} answered {status}: {body[:500]}")
        page = json.loads(body)
        for record in page.get("objects", []):
            key = (record["id"], record["version"])
            if key in self.received:
                raise Wrong(f"repeats {key}: {self.received[key]} and {record['date_added']}")
            if self.last and record["date_added"] <= self.last:
                raise Wrong(f"dates do not rise: {self.last} then {record['date_added']}")
            self.received[key] = record["date_added"]
            self.last = record["date_added"]
        if page.get("objects") and headers["X-TAXII-Date-Added-Last"] != self.last:
            raise Wrong("X-TAXII-Date-Added-Last is not the last record's date")
        more = page.get("more", False)
        if more and not page.get("objects"):
            raise Wrong("an empty page promised more")
        self.next = page.get("next") if more and self.dice.random() < 0.6 else None
        return more

    def run(self, url, token, collection, stop):
        connection = Connection(url, token)
        try:
            while not stop.is_set():
                self.page(connection, collection)
        except GONE:
            pass
        finally:
            connection.close()

    def drain(self, url, token, collection):
        connection = Connection(url, token)
        while self.page(connection, collection):
            pass
        connection.close()


class Crash:
    def __init__(self, directory, seed):
        self.seed = seed
        self.node = Node(directory)
        self.node.user("writer", "a good password", role="publisher")
        self.token = self.node.json("token", "add", "writer")["token"]
        self.collection = None

    def new_collection(self, number):
        self.collection = self.node.collection(f"Round {number}")
        self.node.grant(self.collection, "--user", "writer", "--read", "--write")
        self.ledger = Ledger()
        self.readers = [Reader(random.Random(f"{self.seed}/reader/{number}/{i}")) for i in range(READERS)]

    def round(self, number):
        if number % ROUNDS_A_COLLECTION == 0:
            self.new_collection(number)
        ledger, node = self.ledger, self.node
        ledger.this_round = 0
        ledger.enough.clear()
        dice = random.Random(f"{self.seed}/round/{number}")
        url = node.serve("--plain-http")
        stop = threading.Event()
        problems = []

        def guarded(work, *arguments):
            try:
                work(*arguments)
            except BaseException as problem:  # noqa: B902  a thread's failure is the test's
                problems.append(problem)
                ledger.enough.set()

        threads = [
            threading.Thread(target=guarded, args=(write, url, self.token, self.collection, ledger, random.Random(dice.random()), stop))
            for _ in range(WRITERS)
        ] + [
            threading.Thread(target=guarded, args=(reader.run, url, self.token, self.collection, stop))
            for reader in self.readers
        ]
        for thread in threads:
            thread.start()
        if not ledger.enough.wait(timeout=120):
            problems.append(Wrong(f"fewer than {OBJECTS_A_ROUND} objects in two minutes"))
        stop.wait(dice.random() * 0.02)  # a moment of chance, so that kills fall everywhere in a commit
        node.stop(signal.SIGKILL)
        stop.set()
        for thread in threads:
            thread.join()
        if problems:
            raise problems[0]
        self.verify(number)

    def verify(self, number):
        found = entente("check", "--data", self.node.directory, "--json", check=False)
        if found.returncode != 0:
            raise Wrong(f"entente check: {found.stdout}{found.stderr}")
        url = self.node.serve("--plain-http")
        for reader in self.readers:
            reader.drain(url, self.token, self.collection)
            received = set(reader.received)
            lost = self.ledger.acknowledged - received
            if lost:
                raise Wrong(f"round {number}: {len(lost)} acknowledged objects are lost, e.g. {sorted(lost)[0]}")
            for keys in self.ledger.sent:
                there = sum(key in received for key in keys)
                if there not in (0, len(keys)):
                    raise Wrong(f"round {number}: half of a request is there: {keys}")
        self.node.stop()


def run(rounds, seed, directory, progress=print):
    crash = Crash(Path(directory) / "node", seed)
    try:
        for number in range(rounds):
            crash.round(number)
            progress(f"round {number + 1} of {rounds}: {len(crash.ledger.acknowledged)} acknowledged objects are all there")
    finally:
        crash.node.remove()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("rounds", type=int)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = arguments.parse_args()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="entente-crash.") as directory:
        run(options.rounds, options.seed, directory, progress=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
