"""A node of Entente for end-to-end tests: a data directory, its commands and its server, driven as a user would."""

import base64
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

TAXII = "application/taxii+json;version=2.1"
READY = re.compile(r"listening on (https?://[^/]+)/taxii2/")
READY_SECONDS = 60
LOG_SECONDS = 20


def binary():
    """The program under test; scripts/test sets ENTENTE_BIN."""
    path = os.environ.get("ENTENTE_BIN") or str(
        Path(__file__).resolve().parents[2] / "build" / "release" / "entente"
    )
    if not os.path.exists(path):
        raise RuntimeError(f"{path} is not there: run scripts/setup, or set ENTENTE_BIN")
    return path


def entente(*args, stdin=None, check=True, env=None):
    """Runs a command to its end; returns the CompletedProcess with text output."""
    surroundings = dict(os.environ)
    surroundings.update(env or {})
    done = subprocess.run(
        [binary(), *map(str, args)],
        input=stdin,
        capture_output=True,
        text=True,
        env=surroundings,
        timeout=600,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"entente {' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Measured:
    """A command whose memory is measured. A process counts what its parent held at the fork, so a small one stands between."""

    LAUNCHER = (
        "import resource, subprocess, sys; code = subprocess.run(sys.argv[2:]).returncode; "
        "open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(code)"
    )

    def __init__(self, folder, *args, **options):
        self.file = Path(folder) / "peak"
        self.process = subprocess.Popen([sys.executable, "-c", self.LAUNCHER, self.file, binary(), *args], **options)

    def end(self):
        """Exit code, and the most memory that it held, in KiB."""
        code = self.process.wait(timeout=600)
        return code, int(self.file.read_text())


class Node:
    """One data directory. Commands work with and without a running server."""

    def __init__(self, directory, name="North CERT"):
        self.directory = Path(directory)
        self.name = name
        self.process = None
        self.url = None
        made = self.run("init", "--name", name, "--json")
        self.admin_token = json.loads(made.stdout)["token"]

    def run(self, *args, **options):
        """`entente ARGS… --data DIR`."""
        return entente(*args, "--data", self.directory, **options)

    @staticmethod
    def run_plain(*args, **options):
        """`entente ARGS…`, of which one may be another directory."""
        return entente(*args, **options)

    def json(self, *args, **options):
        return json.loads(self.run(*args, "--json", **options).stdout)

    def user(self, name, password, role="reader", party=None):
        args = ["user", "add", name, "--role", role, "--password-stdin"]
        if party:
            args += ["--party", party]
        self.run(*args, stdin=password + "\n")
        return (name, password)

    def collection(self, title, *options):
        """Makes a collection in the root `api`; returns its id."""
        return self.json("collection", "add", title, *options)["id"]

    def grant(self, collection, *options):
        return self.json("grant", "add", collection, *options)

    def serve(self, *options, port=0):
        """Starts the server on a port of the loopback (0: a free one); returns the base URL."""
        self.process = subprocess.Popen(
            [binary(), "serve", "--data", str(self.directory), "--listen", f"127.0.0.1:{port}", *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=open(self.directory / "serve.log", "a", encoding="utf-8"),
            text=True,
        )
        deadline = time.monotonic() + READY_SECONDS
        while True:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            line = self.process.stdout.readline() if ready else ""
            found = READY.search(line)
            if found:
                self.url = found.group(1)
                return self.url
            if not line:
                raise AssertionError("the server did not come up:\n" + self.log())

    def log(self):
        return (self.directory / "serve.log").read_text(encoding="utf-8", errors="replace")

    def wait_for_log(self, words, times=1):
        """Returns when the log has `words` so many times; `tail` tells of each line as it comes."""
        with subprocess.Popen(
            ["tail", "-c", "+1", "-f", str(self.directory / "serve.log")], stdout=subprocess.PIPE
        ) as tail:
            try:
                seen = b""
                deadline = time.monotonic() + LOG_SECONDS
                while seen.count(words.encode()) < times:
                    ready, _, _ = select.select([tail.stdout], [], [], max(0.0, deadline - time.monotonic()))
                    assert ready, f"the log does not say {words!r} {times} times:\n{self.log()}"
                    seen += os.read(tail.stdout.fileno(), 65536)
            finally:
                tail.kill()

    def stop(self, how=signal.SIGTERM):
        """Ends the server; returns its exit code."""
        if self.process is None:
            return None
        self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        self.process = None
        return code

    def remove(self):
        if self.process is not None:
            self.stop(signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    # -- HTTP as a plain client would

    def request(self, method, path, auth=None, **options):
        headers = {"Accept": TAXII}
        if isinstance(auth, str):
            headers["Authorization"] = "Bearer " + auth
            auth = None
        headers.update(options.pop("headers", {}))
        return requests.request(
            method, self.url + path, auth=auth, headers=headers, allow_redirects=False, timeout=60, **options
        )

    def get(self, path, auth=None, **options):
        return self.request("GET", path, auth, **options)

    def post(self, path, objects, auth=None, **options):
        body = json.dumps({"objects": objects}).encode()
        headers = {"Content-Type": TAXII}
        headers.update(options.pop("headers", {}))
        return self.request("POST", path, auth, data=body, headers=headers, **options)

    def objects_path(self, collection):
        return f"/api/collections/{collection}/objects/"


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def indicator(number, modified="2024-01-01T00:00:00.000Z", **more):
    """A small valid indicator; `number` makes its id."""
    made = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08x}-0000-4000-8000-000000000000",
        "created": "2024-01-01T00:00:00.000Z",
        "modified": modified,
        "name": f"Indicator {number}",
        "indicator_types": ["malicious-activity"],
        "pattern": f"[ipv4-addr:value = '198.51.100.{number % 256}']",
        "pattern_type": "stix",
        "valid_from": "2024-01-01T00:00:00Z",
        "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
    }
    made.update(more)
    return made
