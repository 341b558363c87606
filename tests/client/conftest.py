"""Servers that are not ours, for the tests of push and pull: medallion, OpenTAXII, and one that does what a test wants."""

import json
import os
import resource
import select
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.node import TAXII, binary

START_SECONDS = 60
HERE = Path(__file__).resolve().parent


def python_with(module):
    """A Python that has `module`: of the virtual environment that ENTENTE_VENV names, else the one that runs the tests."""
    venv = os.environ.get("ENTENTE_VENV")
    for python in [*([str(Path(venv) / "bin" / "python")] if venv else []), sys.executable]:
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip(f"{module} is not installed: pip install {module}, or name a virtual environment that has it in ENTENTE_VENV")


class Peer:
    """Another program's server as a process. Its scripts print the port when they listen."""

    user, password = "admin", "Password0"

    def __init__(self, module, script, directory, *args):
        directory.mkdir()
        self.log = open(directory / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [python_with(module), HERE / script, directory, *map(str, args)],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        deadline = time.monotonic() + START_SECONDS
        for line in self._lines(deadline):
            if line.startswith("port "):
                self.url = f"http://127.0.0.1:{int(line[5:])}"
                break
        else:
            self.stop()
            pytest.fail(f"{module} did not come up: {(directory / 'log').read_text()}")
        # What it says later must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def _lines(self, deadline):
        while select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            line = self.process.stdout.readline()
            if not line:
                return
            yield line

    @property
    def env(self):
        return {"ENTENTE_USER": self.user, "ENTENTE_PASSWORD": self.password}

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=60)
        self.log.close()


@pytest.fixture
def medallion(tmp_path):
    """Serves at most 10 objects a page."""
    peer = Peer("medallion", "run_medallion.py", tmp_path / "medallion", 10)
    yield peer
    peer.stop()


@pytest.fixture
def opentaxii(tmp_path):
    peer = Peer("opentaxii", "run_opentaxii.py", tmp_path / "opentaxii")
    yield peer
    peer.stop()


class Scripted:
    """A server whose answers are a function of the request: `answer(handler)` writes to it whatever it likes."""

    def __init__(self, answer):
        self.asked = []  # (method, path, headers)
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                scripted.asked.append((self.command, self.path, dict(self.headers.items())))
                self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.number = len(scripted.asked)
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_POST = handle_any

            def reply(self, status, body, headers=()):
                if isinstance(body, (dict, list)):
                    body = json.dumps(body)
                if isinstance(body, str):
                    body = body.encode()
                self.send_response(status)
                fields = dict(headers)
                fields.setdefault("Content-Type", TAXII)
                fields.setdefault("Content-Length", str(len(body)))
                for name, value in fields.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def scripted():
    """Makes scripted servers and ends them after the test."""
    made = []

    def make(answer):
        made.append(Scripted(answer))
        return made[-1]

    yield make
    for server in made:
        server.stop()


MEMORY_MAX = 1 << 30


class Finished:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


def bound_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MAX, MEMORY_MAX))


def run_bounded(*args, env=None, seconds=120):
    """Runs a command to its end in the memory that it may take."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
    surroundings.update(env or {})
    done = subprocess.run(
        [binary(), *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=surroundings,
        timeout=seconds,
        preexec_fn=bound_memory,
        check=False,
    )
    finished = Finished(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    assert "out of memory" not in finished.err
    return finished


@pytest.fixture
def run():
    return run_bounded
