"""Installs the package, makes a node, serves it as its unit would, upgrades and purges; run by test_package.py as root in a network
namespace of its own, where there is no network but loopback."""

import json
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

DATA = Path("/var/lib/entente")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def loopback_only():
    run(sys.executable, "-c", (
        "import fcntl, socket, struct\n"
        "s = socket.socket()\n"
        "fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 0x1 | 0x40))\n"  # SIOCSIFFLAGS: up, running
    ))
    names = [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
    up = [name for name in names if int(Path(f"/sys/class/net/{name}/flags").read_text(), 16) & 1] if Path("/sys/class/net/lo").exists() else ["lo"]
    routes = Path("/proc/net/route").read_text().splitlines()[1:]
    assert not routes, f"there is a way out: {up} {routes}"


def unit_command():
    """What the unit starts, with the options of its environment file."""
    unit = Path("/lib/systemd/system/entente.service").read_text()
    options = re.search(r'^ENTENTE_OPTIONS="(.*)"$', Path("/etc/default/entente").read_text(), re.M).group(1)
    command = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1).replace("$ENTENTE_OPTIONS", options)
    user = re.search(r"^User=(.*)$", unit, re.M).group(1)
    return ["runuser", "-u", user, "--", *shlex.split(command)]


def discovery(token):
    trusting = ssl.create_default_context(cafile=str(DATA / "tls" / "cert.pem"))
    request = urllib.request.Request(
        "https://localhost:7443/taxii2/",
        headers={"Authorization": f"Bearer {token}", "Accept": "application/taxii+json;version=2.1"},
    )
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, context=trusting, timeout=10) as answer:
                return json.load(answer)
        except (urllib.error.URLError, FileNotFoundError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def serves(token):
    process = subprocess.Popen(unit_command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        while not (DATA / "tls" / "cert.pem").exists():
            if process.poll() is not None:
                raise SystemExit(f"the service ended: {process.stdout.read()}")
            time.sleep(0.05)
        assert discovery(token)["title"] == "North CERT"
    finally:
        process.terminate()
        process.wait(timeout=60)


def main(package):
    loopback_only()
    said = run("dpkg", "-i", package)
    assert "entente init --data /var/lib/entente" in said, said
    assert DATA.stat().st_mode & 0o777 == 0o700
    token = json.loads(run("/usr/bin/entente", "init", "--data", str(DATA), "--name", "North CERT", "--json"))["token"]
    assert (DATA / "entente.db").owner() == "entente"
    serves(token)
    run("dpkg", "-i", package)  # an upgrade
    serves(token)
    run("dpkg", "--remove", "entente")
    assert not Path("/usr/bin/entente").exists() and Path("/etc/default/entente").exists()
    said = run("dpkg", "--purge", "entente")
    assert "/var/lib/entente stays" in said and (DATA / "entente.db").exists()
    assert not Path("/etc/default/entente").exists()
    print("installed, served, upgraded, removed, purged")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    finally:
        subprocess.run(["dpkg", "--purge", "entente"], capture_output=True, check=False)
        shutil.rmtree(DATA, ignore_errors=True)
        subprocess.run(["deluser", "--quiet", "entente"], capture_output=True, check=False)
