"""docs/operations.md takes a newcomer through every step: its commands are run here as they stand on the page.

The machine of the page is a folder. Its paths lead there; what is Debian's and not ours (users, packages, systemd, the clock) is played,
the service by the command of the unit.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.node import Node, binary, entente, indicator  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TOKEN = re.compile(r"ent_[A-Za-z0-9_-]{20,}")
PLAYED = {
    "adduser": 'while [ $# -gt 0 ]; do [ "$1" = --home ] && mkdir -p "$2"; shift; done',
    "runuser": 'shift 3; exec "$@"',
    "chown": ":",
    "apt-get": 'test -e "$2"',
    "timedatectl": ":",
}


def section(heading):
    """The text under a heading of the page, at whatever depth."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", PAGE, re.M | re.S)
    assert found, heading
    return found.group(2)


def blocks(heading, language="sh"):
    return re.findall(rf"^```{language}\n(.*?)^```", section(heading), re.M | re.S)


class Machine:
    def __init__(self, folder):
        self.folder = folder
        self.said = ""
        for place in ("bin", "etc/systemd/system", "usr/bin", "var/lib", "var/backups", "home/build/release", "home/scripts"):
            (folder / place).mkdir(parents=True)
        for name, text in PLAYED.items():
            self.program(folder / "bin" / name, text)
        self.program(folder / "home" / "scripts" / "setup", ":")
        (folder / "home" / "build" / "release" / "entente").symlink_to(binary())
        (folder / "home" / "build" / "entente_0.1.0_amd64.deb").touch()
        (folder / "home" / "packaging").symlink_to(ROOT / "packaging")
        self.node = Node.__new__(Node)
        self.node.directory, self.node.process, self.node.url = folder / "var/lib/entente", None, None
        self.collection = None

    @staticmethod
    def program(path, text):
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    @property
    def settings(self):
        return self.folder / "etc/entente/serve.toml"

    @property
    def backups(self):
        return sorted((self.folder / "var/backups/entente").glob("entente-*.backup"))

    def here(self, text):
        text = re.sub(r"(?<![\w.])/(etc/entente|etc/systemd|usr/bin|var/lib|var/backups)", rf"{self.folder}/\1", text)
        if "entente-20261124T021500Z" in text:
            text = text.replace("entente-20261124T021500Z.backup", self.backups[0].name)
        return text

    def start(self):
        # Ports of the page may be taken here; serve gets a free one on its command line.
        self.settings.write_text(re.sub(r'(?m)^(ops-listen = .*:)\d+"', r'\g<1>0"', self.settings.read_text()))
        unit = (ROOT / "packaging/entente.service").read_text()
        words = re.search(r"^ExecStart=/usr/bin/entente serve --config (\S+) --data (\S+) ", unit, re.M)
        assert (self.here(words[1]), self.here(words[2])) == (str(self.settings), str(self.node.directory))
        self.node.serve("--config", self.settings)

    def service(self, verb):
        if verb in ("stop", "restart"):
            self.node.stop()
        if verb in ("start", "restart", "enable --now"):
            self.start()
        if verb == "reload":
            self.node.process.send_signal(signal.SIGHUP)

    def runs(self, command, may_fail=False):
        """One command of the page. Returns what it said, which `said` keeps, too."""
        systemctl = re.fullmatch(r"systemctl (start|stop|restart|reload|enable --now) entente", command)
        if systemctl:
            self.service(systemctl.group(1))
            return ""
        if command == "systemctl daemon-reload":
            return ""
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
        surroundings.update(PATH=f"{self.folder / 'bin'}:{self.folder / 'usr/bin'}:{os.environ['PATH']}", HOME=str(self.folder / "home"))
        done = subprocess.run(
            ["sh", "-e", "-c", self.here(command)], cwd=self.folder / "home", env=surroundings, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, check=False,
        )
        assert may_fail or done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        self.said += done.stdout
        return done.stdout + done.stderr

    def does(self, block, may_fail=False):
        """All commands of a block, in order."""
        said = ""
        for line in block.replace("\\\n", " ").splitlines():
            command = re.sub(r"\s+# .*$", "", line).strip()
            if command and not command.startswith("#"):
                said += self.runs(command, may_fail)
        return said

    def install(self):
        """As the page says, by hand, with a collection of five objects."""
        (block,) = [b for b in blocks("Install") if "scripts/setup" in b]
        self.node.admin_token = TOKEN.search(self.does(block)).group(0)
        self.collection = self.node.json("collection", "add", "Indicators", "--alias", "indicators")["id"]
        self.publish(*range(5))

    def install_elsewhere(self):
        """The program and its settings, without a node."""
        (block,) = [b for b in blocks("Install") if "scripts/setup" in b]
        self.does("".join(line + "\n" for line in block.splitlines() if not re.search("init|--check|enable", line)))

    @property
    def trust(self):
        return str(self.node.directory / "tls" / "cert.pem")

    def publish(self, *numbers):
        path = self.node.objects_path(self.collection)
        answer = self.node.post(path, [indicator(n) for n in numbers], self.node.admin_token, verify=self.trust)
        assert answer.status_code == 202 and answer.json()["failure_count"] == 0, answer.text

    def numbers(self, **params):
        answer = self.node.get(self.node.objects_path(self.collection), self.node.admin_token, params=params, verify=self.trust)
        assert answer.status_code == 200, answer.text
        return [int(o["id"].split("--")[1][:8], 16) for o in answer.json().get("objects", [])]

    def backs_up(self):
        once, nightly = blocks("Backup")
        self.does(once)
        self.does(nightly)
        (made,) = self.backups
        return made

    def end(self):
        if self.node.process is not None:
            self.node.stop(signal.SIGKILL)


@pytest.fixture
def make_machine(tmp_path):
    machines = []

    def make(name="first"):
        machines.append(Machine(tmp_path / name))
        return machines[-1]

    yield make
    for machine in machines:
        machine.end()


@pytest.fixture
def machine(make_machine):
    made = make_machine()
    made.install()
    return made


def test_installed_by_hand_it_serves(machine):
    assert "the settings are sound" in machine.said
    assert machine.numbers() == [0, 1, 2, 3, 4]
    assert (machine.folder / "usr/bin/entente").stat().st_mode & 0o777 == 0o755
    assert machine.node.directory.stat().st_mode & 0o777 == 0o700


def test_the_page_of_the_package_says_what_its_test_does():
    """tests/package installs it; the commands that need no package are the same."""
    (block,) = [b for b in blocks("Install") if "apt-get" in b]
    installs = (ROOT / "tests/package/install.py").read_text()
    assert "entente init --data /var/lib/entente --name" in block and '"init", "--data", str(DATA), "--name", "North CERT"' in installs
    assert "/etc/entente/serve.toml" in block and "/etc/entente/serve.toml" in (ROOT / "scripts/package").read_text()


def certificate(folder, serial):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN=taxii {serial}",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "chain.pem"],
        check=True, capture_output=True,
    )


def test_tls_in_the_program_and_a_renewed_certificate(machine):
    (settings,) = blocks("TLS", "toml")
    kept = [line for line in machine.settings.read_text().splitlines() if not re.match("(listen|tls-self-signed) ", line)]
    machine.settings.write_text("\n".join([machine.here(settings), *kept]) + "\n")
    folder = machine.folder / "etc/entente"
    certificate(folder, 1)
    assert "`systemctl restart entente`" in section("TLS") and "`systemctl reload entente`" in section("TLS")
    machine.runs("systemctl restart entente")
    first = machine.node.get("/taxii2/", machine.node.admin_token, verify=str(folder / "chain.pem"))
    assert first.status_code == 200 and machine.node.url.startswith("https://")
    certificate(folder, 2)
    machine.runs("systemctl reload entente")
    machine.node.wait_for_log("settings read again")
    renewed = machine.node.get("/taxii2/", machine.node.admin_token, verify=str(folder / "chain.pem"))
    assert renewed.status_code == 200, "the new certificate is the one that is shown"


def test_a_backup_restored_on_another_machine(machine, make_machine):
    made = machine.backs_up()
    assert made.stat().st_mode & 0o777 == 0o600
    machine.publish(5)
    machine.node.stop()
    other = make_machine("second")
    other.install_elsewhere()
    (other.folder / "var/backups/entente").mkdir()
    shutil.copy(made, other.folder / "var/backups/entente")
    shutil.copy(machine.folder / "etc/entente/backup-passphrase", other.folder / "etc/entente")
    fresh, replacing = blocks("Restore")
    other.does(fresh)
    other.node.admin_token, other.collection = machine.node.admin_token, machine.collection
    assert other.numbers() == [0, 1, 2, 3, 4], "as it was when the backup was made, with its logins"
    # The same over a node that is there.
    other.publish(7)
    other.does(replacing)
    assert other.numbers() == [0, 1, 2, 3, 4]
    (aside,) = other.node.directory.glob("replaced-*")
    assert (aside / "entente.db").exists()


def test_an_upgrade_opens_an_older_schema_and_an_older_program_refuses(machine):
    machine.backs_up()
    upgrade = blocks("Upgrade")[0].splitlines()
    change = upgrade.index("apt-get install ./build/entente_0.1.0_amd64.deb")
    machine.does("\n".join(upgrade[:change]))
    database = sqlite3.connect(machine.node.directory / "entente.db")
    (newest,) = database.execute("PRAGMA user_version").fetchone()
    assert newest == 7, "a newer schema: take back here what its step adds, too"
    with database:
        database.execute("DROP TABLE sighting")
        database.execute("DROP INDEX token_binding")
        database.execute("ALTER TABLE token DROP COLUMN binding")
        for table in ("hold", "tombstone", "kept"):
            database.execute(f"DROP TABLE {table}")
        for table, columns in (("collection", ("keep_us", "bytes_max", "objects_max", "drop_oldest")), ("head", ("entries", "bytes"))):
            for column in columns:
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("PRAGMA user_version = 4")
    machine.does("\n".join(upgrade[change:]))
    assert machine.numbers() == [0, 1, 2, 3, 4]
    assert database.execute("PRAGMA user_version").fetchone() == (newest,)
    assert database.execute("SELECT max(entries) FROM head").fetchone() == (5,)
    machine.node.stop()
    database.execute(f"PRAGMA user_version = {newest + 1}")
    database.close()
    done = machine.node.run("check", check=False)
    assert done.returncode == 4 and "use the newer program" in done.stderr
    machine.does(blocks("Restore")[1])
    assert machine.numbers() == [0, 1, 2, 3, 4], "the way back is the backup"


def test_a_clock_that_is_in_doubt(machine):
    machine.node.stop()
    database = sqlite3.connect(machine.node.directory / "entente.db")
    with database:  # as if the last object had been given tomorrow
        database.execute("UPDATE head SET next_base = next_base + 86400000000 WHERE next_seq > 1")
    database.close()
    machine.start()
    (block,) = blocks("Clock jump")
    assert "before the newest date" in machine.does(block, may_fail=True)
    assert re.search("in doubt +no\n", machine.runs("entente clock show --data /var/lib/entente"))
    machine.publish(5)
    assert machine.numbers() == [0, 1, 2, 3, 4, 5]


def test_the_keys_of_a_node_are_lost(machine):
    machine.backs_up()
    machine.publish(5)
    cursor = machine.node.get(
        machine.node.objects_path(machine.collection), machine.node.admin_token, params={"limit": 2}, verify=machine.trust
    ).json()["next"]
    keys = machine.node.directory / "keys"
    shutil.rmtree(keys)
    done = machine.node.run("check", check=False)
    assert done.returncode == 4 and "Key loss" in done.stderr
    from_backup, anew = blocks("Key loss")
    machine.does(from_backup)
    assert machine.numbers() == [0, 1, 2, 3, 4, 5], "the objects since the backup are there"
    assert machine.numbers(next=cursor) == [2, 3, 4, 5]
    shutil.rmtree(keys)
    old = machine.node.admin_token
    machine.node.admin_token = TOKEN.search(machine.does(anew)).group(0)
    assert machine.node.get("/taxii2/", old, verify=machine.trust).status_code == 401
    assert machine.numbers() == [0, 1, 2, 3, 4, 5]
    refused = machine.node.get(
        machine.node.objects_path(machine.collection), machine.node.admin_token, params={"next": cursor}, verify=machine.trust
    )
    assert refused.status_code == 400, "that client begins again"


# -- a full disk: in a mount namespace of its own, by running this file


def full_disk(folder):
    machine = Machine(folder)
    disk = folder / "var/lib"
    (folder / "var/backups/entente").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], check=True)
    try:
        machine.install()
        ballast = disk / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 65536) == 65536:
                    pass
            except OSError:
                pass
        path, number = machine.node.objects_path(machine.collection), 100
        while True:
            objects = [indicator(n, description="x" * 20_000) for n in range(number, number + 20)]
            answer = machine.node.post(path, objects, machine.node.admin_token, verify=machine.trust)
            if answer.status_code != 202:
                break
            number += 20
            assert number < 1_000, "the disk is never full"
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0, answer.text
        assert len(machine.numbers(limit=1_000)) == 5 + number - 100, "what was taken is there, and readers go on"
        look, make_room = blocks("Disk full")
        machine.does(look)
        ballast.unlink()
        machine.publish(50)
        machine.does(make_room.replace("365d --allow-again", "2099-01-01 --allow-again"))
        assert machine.node.json("collection", "show", "indicators")["when_full"] == "drop-oldest"
        machine.publish(51)
        assert 51 in machine.numbers(limit=1_000) and machine.node.run("check").returncode == 0
        print("went on when there was room")
    finally:
        machine.end()
        subprocess.run(["umount", "-l", disk], check=False)


def test_a_full_disk(tmp_path):
    alone = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m"]
    possible = shutil.which("unshare") and subprocess.run(
        [*alone, "mount", "-t", "tmpfs", "tmpfs", tmp_path], capture_output=True, check=False
    ).returncode == 0
    if not possible:
        pytest.skip("no mount namespaces here: a small disk cannot be played")
    done = subprocess.run(
        [*alone, sys.executable, __file__, tmp_path / "first"], capture_output=True, text=True, timeout=300, check=False
    )
    assert "went on when there was room" in done.stdout, done.stdout + done.stderr


if __name__ == "__main__":
    full_disk(Path(sys.argv[1]))
