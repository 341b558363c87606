"""Programs that are measured: Entente's server on a node made here, nginx, and other TAXII servers; each on the first core, the client
on the second. Processor time is what the process itself used in user and system mode (proc(5))."""

import atexit
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = Path(os.environ.get("ENTENTE_BENCH_BUILD", ROOT / "build/bench"))
TAXII = "application/taxii+json;version=2.1"
CORES = sorted(os.sched_getaffinity(0))
START_SECONDS = 60
FILLED_AT_ONCE = 5_000_000  # one import reads at most 4 GiB
# The client is one address and one user, and asks as fast as it can.
UNHURRIED = ["--rate-address", "0", "--rate-user", "0"]


def on_core(which):
    core = CORES[which % len(CORES)]
    return lambda: os.sched_setaffinity(0, {core})


def fail(why):
    print(f"bench: {why}", file=sys.stderr)
    sys.exit(2)


def folder():
    """A folder for the data of this run, in TMPDIR; gone afterwards, however it ends."""
    place = Path(tempfile.mkdtemp(prefix="entente-bench."))
    atexit.register(remove, place)
    return place


def room_for(path, needed):
    free = shutil.disk_usage(path).free
    if free < needed:
        fail(f"{path} has {free >> 20} MiB free and this needs about {needed >> 20} MiB; set TMPDIR to a folder with room")


def program(name):
    places = [BUILT / "bench" / name, BUILT / name]
    for place in places:
        if place.exists():
            return str(place)
    return fail(f"{places[0]} is not built: run scripts/bench")


def entente_binary():
    return os.environ.get("ENTENTE_BIN") or program("entente")


class Process:
    """A running server. `url_port` is where it listens."""

    def __init__(self, command, says=None, log=None, env=None):
        self.log = open(log or os.devnull, "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.PIPE if says else self.log,
            stderr=self.log,
            text=True,
            preexec_fn=on_core(0),
            env=env,
        )
        self.port = None
        atexit.register(self.stop)
        deadline = time.monotonic() + START_SECONDS
        while says:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            line = self.process.stdout.readline() if ready else ""
            found = re.search(says, line)
            if found:
                self.port = int(found.group(1))
                return
            if not line:
                self.stop()
                fail(f"{command[0]} did not come up" + (f": {Path(log).read_text()[-2000:]}" if log else ""))

    def cpu(self):
        """utime + stime in seconds."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text[text.rindex(")") + 2 :].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name):
        """A line of /proc/PID/status, in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) << 10
        return 0

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Node:
    """A node of Entente with one collection `feed`."""

    def __init__(self, place):
        self.path = Path(place) / "node"
        self.log = Path(place) / "serve.log"
        self.admin = json.loads(self.run("init", "--name", "Bench", "--json"))["token"]
        self.collection = json.loads(self.run("collection", "add", "Feed", "--alias", "feed", "--json"))["id"]

    def run(self, *args, stdin=None):
        done = subprocess.run(
            [entente_binary(), *map(str, args), "--data", self.path], input=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            fail(f"entente {' '.join(map(str, args))}: {done.stderr}")
        return done.stdout

    def partner(self, name, ceiling):
        """A partner that may read up to a marking; its user's token."""
        self.run("party", "add", name)
        self.run("user", "add", f"user-{name}", "--party", name, "--no-password")
        self.run("grant", "add", "feed", "--party", name, "--read", "--max-marking", ceiling)
        return json.loads(self.run("token", "add", f"user-{name}", "--json"))["token"]

    def fill(self, first, count, every):
        """Imports indicators; each `every`th is TLP:CLEAR, the others TLP:GREEN; with 0 all are TLP:AMBER."""
        for part in range(first, first + count, FILLED_AT_ONCE):
            self.fill_at_once(part, min(FILLED_AT_ONCE, first + count - part), every)

    def fill_at_once(self, first, count, every):
        made = subprocess.Popen(
            [program("load_client"), "objects", str(first), str(count), str(every)], stdout=subprocess.PIPE
        )
        done = subprocess.run(
            [entente_binary(), "import", "-", "--collection", "feed", "--data", self.path],
            stdin=made.stdout,
            capture_output=True,
            text=True,
            check=False,
        )
        made.stdout.close()
        if made.wait() != 0 or done.returncode != 0:
            fail(f"import: {done.stderr}")

    def serve(self, *options):
        return Process(
            [entente_binary(), "serve", "--data", self.path, "--listen", "127.0.0.1:0", "--log-level", "error", *UNHURRIED, *options],
            says=r"listening on http://127\.0\.0\.1:(\d+)/",
            log=self.log,
        )

    @property
    def database(self):
        return next(self.path.glob("*.db"))


def headers(token, gzip=False):
    fields = [f"Authorization: Bearer {token}", f"Accept: {TAXII}"]
    return fields + (["Accept-Encoding: gzip"] if gzip else [])


class Client:
    """The fast client: what it did, and the processor time that the server took meanwhile."""

    def __init__(self, place):
        self.place = Path(place)
        self.number = 0

    def ask(self, server, targets, connections=8, fields=(), port=None, **options):
        self.number += 1
        file = self.place / f"targets-{self.number}"
        file.write_text("".join(f"{target}\n" for target in targets))
        command = [program("load_client"), "run", "--port", port or server.port, "--connections", connections, "--targets", file]
        for field in fields:
            command += ["--header", field]
        for name, value in options.items():
            command += [f"--{name}", value]
        before = server.cpu()
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, preexec_fn=on_core(1))
        spent = server.cpu() - before
        file.unlink()
        if done.returncode != 0:
            fail(f"load_client: exit {done.returncode}: {done.stderr}{done.stdout[:300]}")
        told = json.loads(done.stdout)
        told["cpu"] = spent
        told["each_us"] = spent * 1e6 / max(1, told["requests"])
        return told


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx(Process):
    """One process that serves a folder of files, from the package nginx of Debian."""

    def __init__(self, place, files, gzip=False):
        binary = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        if binary is None:
            fail("nginx is not installed: apt-get install nginx")
        place = Path(place) / f"nginx-{'gzip' if gzip else 'plain'}-{Path(files).name}"
        place.mkdir(exist_ok=True)
        port = free_port()
        config = place / "nginx.conf"
        packing = "gzip on; gzip_comp_level 1; gzip_types *; gzip_min_length 1;" if gzip else "gzip off;"
        config.write_text(
            f"""
daemon off; master_process off; pid {place}/pid; error_log {place}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; default_type "{TAXII}"; {packing}
  keepalive_requests 100000000; keepalive_timeout 300s;
  open_file_cache max=4096 inactive=600s; open_file_cache_valid 600s;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  server {{ listen 127.0.0.1:{port}; root {files}; }}
}}
"""
        )
        if os.getuid() == 0:
            config.write_text("user root;" + config.read_text())
        super().__init__([binary, "-c", config, "-p", place, "-e", place / "error.log"], log=place / "log")
        self.port = port
        wait_for(port)


def wait_for(port):
    for _ in range(1200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    fail(f"nothing listens on port {port}")


class Rival(Process):
    """Another TAXII server in Python, of the virtual environment that scripts/bench made; nothing when it is not there."""

    user = "Basic YWRtaW46UGFzc3dvcmQw"  # admin:Password0

    def __init__(self, name, place, objects):
        place = Path(place) / name
        place.mkdir()
        python = BUILT / "rivals/bin/python"
        super().__init__(
            [python, Path(__file__).with_name("rivals.py"), name, place, objects], says=r"port (\d+)", log=place / "log"
        )
        self.path = (place / "path").read_text()

    def get(self, path):
        """One request on a connection of its own, as these servers want it; body and the newest date."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        asked.request("GET", path, headers={"Authorization": self.user, "Accept": TAXII})
        answer = asked.getresponse()
        body = answer.read()
        asked.close()
        if answer.status != 200:
            fail(f"{path}: {answer.status} {body[:300]!r}")
        return json.loads(body), answer.getheader("X-TAXII-Date-Added-Last")


def rivals_there():
    return (BUILT / "rivals/bin/python").exists()


def middle(values):
    values = sorted(values)
    return values[len(values) // 2]


def remove(place):
    if not os.environ.get("ENTENTE_BENCH_KEEP"):
        shutil.rmtree(place, ignore_errors=True)
