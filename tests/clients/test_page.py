"""docs/clients.md says what this run saw, how each product is set up, and which tests prove each rule."""

import os
import re
import shlex
from pathlib import Path

import page
from rows import GUESS, ROWS

ROOT = Path(__file__).resolve().parents[2]
TEXT = page.PAGE.read_text(encoding="utf-8")


def test_the_table_is_what_this_run_writes(result_of):
    made = page.table(ROWS, result_of)
    if os.environ.get("ENTENTE_WRITE_DOCS"):
        page.write(made)
    assert page.committed() == made, "docs/clients.md is not of this run: run again with ENTENTE_WRITE_DOCS=1 and look at what changed"


def test_every_product_has_lines_that_set_it_up():
    sections = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", TEXT.split("## Setting them up")[1], re.M | re.S))
    for row in ROWS:
        lines = sections.get(row.product, "")
        assert "/api" in lines and ("password" in lines or "token" in lines), row.product
    assert set(sections) == {row.product for row in ROWS}
    for product in {row.product for row in ROWS if row.written_from == GUESS}:
        assert "guess" in sections[product], "a guess must be called one"


def test_the_account_of_the_page_can_be_made(node):
    (block,) = re.findall(r"^```sh\n(.*?)^```", TEXT.split("## Setting them up")[1].split("### ")[0], re.M | re.S)
    node.run("party", "add", "South ISAC")
    made = node.collection("Shared indicators", "--alias", "shared")
    said = {}
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        assert words[0] == "entente"
        said[words[1]] = node.run(*words[1:], stdin="password of siem\n").stdout
    assert made in said["collection"] and "Shared indicators" in said["collection"]
    node.serve()
    token = re.search(r"ent_[\w-]{43}", said["token"]).group()
    for who in (("siem", "password of siem"), token):
        (listed,) = node.get("/api/collections/", who).json()["collections"]
        assert (listed["id"], listed["can_read"], listed["can_write"]) == (made, True, False)


def gtests():
    found = set()
    for file in (ROOT / "src").rglob("*_test.cpp"):
        pairs = re.findall(r"^(?:TYPED_)?TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", file.read_text(encoding="utf-8"), re.M)
        found |= {".".join(names) for names in pairs}
    return found


def test_every_rule_names_tests_that_exist():
    lines = re.findall(r"^\| C2\.(\d+) \|(.+)\|$", TEXT, re.M)
    assert [int(number) for number, _ in lines] == list(range(1, 16))
    ours = (Path(__file__).parent / "test_rules.py").read_text(encoding="utf-8")
    all_gtests = gtests()
    for number, line in lines:
        named = re.findall(r"`([^`]+)`", line.split("|")[-1])
        assert any(name.startswith(f"tests/clients/test_rules.py::test_rule_{int(number):02}_") for name in named), number
        for name in named:
            if name.startswith("tests/"):
                file, function = name.split("::")
                assert re.search(rf"^def {function}\(", (ROOT / file).read_text(encoding="utf-8"), re.M), name
            else:
                assert name in all_gtests, name
    for function in re.findall(r"^def (test_rule_\w+)\(", ours, re.M):
        assert function in TEXT, function
