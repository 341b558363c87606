"""The documents say what the program does: every command, option and limit is in them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.node import Node, binary, entente
from test_directory_commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_option_is_documented(command):
    section = CLI.split(f"\n## {command[0]}\n")[1].split("\n## ")[0]
    if command[0] == "pull":
        section += CLI.split("\n## push\n")[1].split("\n## ")[0]
    assert "entente " + " ".join(command) in section
    options = set(re.findall(r"^  (?:-h,)?(--[a-z0-9-]+)", entente(*command, "--help").stdout, re.M))
    for option in options - {"--help", "--json", "--data", "--progress"}:
        assert option in section, option
    for option in ("--json", "--data", "--progress"):
        assert option in CLI


def test_exit_codes_are_documented():
    for code, meaning in re.findall(r"^ +(\d+)  (.+)$", entente("help", "exit-codes").stdout, re.M):
        assert re.search(rf"^\| {code} \| {re.escape(meaning.split(';')[0].split(' (')[0])[:15]}", CLI, re.M), code


def test_every_limit_is_documented_and_no_other():
    limits = set(re.findall(r"inline constexpr [\w:]+\s+(\w+)\s*=", (ROOT / "src/base/limits.h").read_text()))
    assert limits
    rows = "\n".join(re.findall(r"^\| (`[^|]+)\|", CONFIGURATION.split("## Limits")[1], re.M))
    named = set(re.findall(r"`(\w+)`", rows))
    assert limits - named == set(), "not in docs/configuration.md"
    assert named - limits == set(), "not in src/base/limits.h"


# -- the commands of the pages


def blocks(page, heading=None):
    """The shell blocks of a page, or of the section under one of its headings."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if heading:
        text = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


def commands_of(page):
    for block in blocks(page):
        for line in block.replace("\\\n", " ").splitlines():
            if re.match(r"(\w+=\S+ )*(\S.* (\||&&) )?entente ", line):
                yield line


PAGES = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", [p for p in PAGES if any(commands_of(p))])
def test_every_command_of_a_page_is_one(page, tmp_path):
    """Without its files and its node it fails for these, and not because an option is unknown or missing."""
    # No node can be here, none is made by a page's init, and so no serve goes on for ever.
    nowhere = "/dev/null/nowhere"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
    environment.update(ENTENTE_DATA=nowhere, PATH=f"{Path(binary()).parent}:{os.environ['PATH']}", HOME=str(tmp_path))
    for number, command in enumerate(commands_of(page)):
        folder = tmp_path / str(number)
        folder.mkdir()
        # Nobody answers at the addresses of the examples; that is found out at once on this machine.
        here = re.sub(r"https://[\w.]+(:\d+)?", "https://127.0.0.1:1", command).replace(" --follow 60", "").replace("TOKEN=…", "TOKEN=x")
        here = re.sub(r"/var/lib/entente\b", nowhere, here)
        if " push " in here or " pull " in here or "-url https" in here:
            here = re.sub(r"( #.*)?$", " --retries 0", here, count=1)
        done = subprocess.run(
            ["sh", "-c", here], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
        # What a person would type is not there.
        missing = re.search("no terminal to ask on|no password|cannot open", done.stderr)
        sound = done.returncode not in (2, 127) or missing or command.startswith(("entente validate", "zcat feed.jsonl.gz | entente validate"))
        assert sound and "--help` for what there is" not in done.stderr, f"{command}\n{done.stdout}{done.stderr}"


class Desk:
    """A person's folder with the program on the PATH, who answers its questions."""

    PASSWORD = "six words that nobody would guess"

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "north"
        (folder / "words").write_text(self.PASSWORD + "\n")
        shutil.copytree(ROOT / "examples", folder / "examples")
        tool = folder / "bin" / "entente"
        tool.parent.mkdir()
        tool.write_text(
            f"#!/bin/sh\nrun={binary()}\n"
            'case "$*" in\n'
            f'*--password-stdin*) exec $run "$@" <{folder}/words ;;\n'
            '"party add"*.card) exec $run "$@" --fingerprint "$($run key show "${3%.card}.key" | sed -n "s/^fingerprint *//p")" ;;\n'
            '*) exec $run "$@" ;;\nesac\n'
        )
        tool.chmod(0o755)

    def does(self, block, data=None):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
        environment.update(
            PATH=f"{self.folder / 'bin'}:{os.environ['PATH']}",
            HOME=str(self.folder),
            ENTENTE_DATA=str(data or self.data),
            ENTENTE_PASSWORD=self.PASSWORD,
        )
        block = re.sub(r"^(scripts/setup|export PATH=).*\n", "", block, flags=re.M).replace("-u south ", '-u "south:$ENTENTE_PASSWORD" ')
        done = subprocess.run(
            ["sh", "-e", "-c", block], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout


def test_the_readme_leads_from_nothing_to_an_agreement(tmp_path):
    desk = Desk(tmp_path)
    make, use, ask = blocks("README.md", "First ten minutes")
    make, serve = re.fullmatch(r"(.*\n)(entente serve .*\n)", make, re.S).groups()
    desk.does(make)
    node = Node.__new__(Node)
    node.directory, node.process = desk.data, None
    try:
        url = node.serve(*serve.split("#")[0].split()[2:])
        said = desk.does(use.replace("https://127.0.0.1:7443", url))
        assert "128 objects accepted" in said and '"api_roots":["/api/"]' in said
        objects = (tmp_path / "south.jsonl").read_text().splitlines()
        assert f"{len(objects)} objects in 1 page" in said and 50 < len(objects) < 128
        assert "south gets" in desk.does(ask) and "personal data" in desk.does(ask)

        for name, title in (("north", "North CERT"), ("south", "South ISAC")):
            desk.does(f"entente key new {name}.example/identity --plain --out {name}.key\n"
                      f"entente party card --key {name}.key --name '{title}' --out {name}.card\n")
        (agree,) = blocks("README.md", "Agreements")
        desk.does("entente party add north.card\n" + agree)
        south = tmp_path / "south"
        desk.does('entente init --name "South ISAC"\nentente party add north.card\nentente party add south.card\n'
                  "entente agreement receive agreement.pack\n"
                  'entente agreement sign "North CERT, South ISAC" --key south.key\n'
                  'entente agreement send "North CERT, South ISAC" --out signed.pack\n', data=south)
        assert "is in force" in desk.does("entente agreement receive signed.pack")
        assert "by North CERT, South ISAC, flow" in desk.does(ask)
    finally:
        node.stop()
