"""The Debian package: what is in it, and that it installs and serves where there is no network."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.node import binary, entente

ROOT = Path(__file__).resolve().parents[2]


def script(*args):
    return subprocess.run([ROOT / "scripts/package", *args], capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    if not shutil.which("dpkg-deb"):
        pytest.skip("no dpkg-deb here: this is not Debian")
    out = tmp_path_factory.mktemp("package")
    done = script("--bin", binary(), "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.glob("entente_*.deb")
    return made


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    to = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "-R", package, to], check=True)
    return to


def leaves(node, path=()):
    path = (*path, node["name"])
    yield path
    for below in node["commands"]:
        yield from leaves(below, path)


def test_the_program_is_stripped_and_small(unpacked):
    program = unpacked / "usr/bin/entente"
    assert program.stat().st_size < 20_000_000
    assert subprocess.run([program, "--version"], capture_output=True, check=True).stdout == entente("--version").stdout.encode()


def test_it_names_the_libraries_it_needs_and_nothing_of_this_machine(unpacked):
    control = (unpacked / "DEBIAN/control").read_text()
    depends = re.search(r"^Depends: (.*)$", control, re.M).group(1)
    for library in ("libssl3", "libsqlite3-0", "libsodium23", "libc6", "adduser"):
        assert library in depends
    for file in unpacked.rglob("*"):
        if file.is_file() and file.suffix in ("", ".service", ".1") and "bin" not in file.parts:
            assert str(ROOT) not in file.read_text(errors="replace")


def test_every_command_has_a_manual_page(unpacked):
    pages = {file.name: gzip.open(file, "rt").read() for file in (unpacked / "usr/share/man/man1").iterdir()}
    tree = json.loads(entente("help", "--tree").stdout)
    for path in leaves(tree):
        text = pages["-".join(path) + ".1.gz"]
        assert text.startswith(f'.TH {"-".join(path).upper()} 1 ')
    assert "\\-\\-passphrase\\-file" in pages["entente-agreement-sign.1.gz"]
    if shutil.which("man"):
        for file in (unpacked / "usr/share/man/man1").iterdir():
            done = subprocess.run(["man", "--warnings", "-l", file], capture_output=True, text=True, check=False, env=os.environ | {"MANWIDTH": "200", "LC_ALL": "C.UTF-8"})
            assert done.returncode == 0 and not done.stderr, f"{file.name}: {done.stderr}"


def test_the_service_runs_with_little_rights(unpacked):
    unit = (unpacked / "lib/systemd/system/entente.service").read_text()
    for line in ("User=entente", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"):
        assert f"\n{line}\n" in unit
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=25", unpacked / "lib/systemd/system/entente.service"],
            capture_output=True, text=True, check=False,
        )
        if "Unknown" not in done.stderr:
            assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_it_installs_and_serves_without_a_network(package):
    if os.geteuid() != 0 or not os.environ.get("CI"):
        pytest.skip("installs on this machine: only for root in continuous integration (CI=true)")
    if Path("/var/lib/entente").exists() or shutil.which("entente"):
        pytest.skip("Entente is installed on this machine: its data is left alone")
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody make a network namespace")
    done = subprocess.run(
        ["unshare", "--net", sys.executable, Path(__file__).with_name("install.py"), package],
        capture_output=True, text=True, timeout=600, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "installed, served, upgraded, removed, purged" in done.stdout


def test_the_script_says_what_it_does_not_know():
    done = script("--frobnicate")
    assert done.returncode == 2 and "--frobnicate" in done.stderr and "--help" in done.stderr


# -- completion


def completed(*words):
    """What bash offers after these words, the last of which is being typed."""
    text = entente("completion", "bash").stdout
    ask = 'eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _entente; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", ask, "bash", text, "entente", *words], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_shell_completes_commands_and_options():
    assert completed("agre") == ["agreement"]
    assert "sign" in completed("agreement", "si") and "suspend" not in completed("agreement", "si")
    assert completed("agreement", "sign", "--pass") == ["--passphrase-file"]
    assert completed("serve", "--tls-c") == ["--tls-cert"]


def test_where_a_value_is_expected_the_shell_completes_files():
    assert completed("serve", "--tls-cert", "--t") == []
    assert completed("import", "some") == []


def test_a_shell_that_is_not_known_is_refused():
    done = entente("completion", "tcsh", check=False)
    assert done.returncode == 2 and "bash" in done.stderr and done.stdout == ""
    assert entente("completion", "zsh").stdout.startswith("#compdef entente\n")
