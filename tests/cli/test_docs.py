"""The documents say what the program does: every command, option and limit is in them."""

import re
from pathlib import Path

import pytest

from support.node import entente
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
