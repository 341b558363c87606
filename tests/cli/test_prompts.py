"""What a person meets at a prompt who stops, or says nothing."""

import pytest

from support.node import entente
from support.terminal import on_terminal

CTRL_C, CTRL_D, QUIT = "\x03", "\x04", "\x1c"
WORDS = "six words that nobody would guess\n"


@pytest.mark.parametrize("typed", [[CTRL_C], [WORDS, CTRL_C], [WORDS, "six wo" + CTRL_C]])
def test_ctrl_c_at_a_passphrase_leaves_nothing_behind(tmp_path, typed):
    done = on_terminal(["key", "new", "north.example/identity", "--out", tmp_path / "k"], typed)
    assert done.code == 130 and done.echo, done.shown
    assert done.shown.endswith("\r\nentente: stopped; nothing was done\r\n") and "passphrase there" not in done.shown
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_twice_ends_at_once(tmp_path):
    done = on_terminal(["key", "new", "north.example/identity", "--out", tmp_path / "k"], [CTRL_C + CTRL_C])
    assert done.code == 130 and done.echo and list(tmp_path.iterdir()) == []


def test_the_key_that_quits_does_not_end_a_prompt_without_echo(tmp_path):
    done = on_terminal(["key", "new", "n", "--out", tmp_path / "k"], [QUIT + WORDS, QUIT + WORDS])
    assert done.code == 0 and done.echo, done.shown


def test_the_end_of_input_says_what_is_missing(tmp_path):
    done = on_terminal(["key", "new", "n", "--out", tmp_path / "k"], [CTRL_D])
    assert done.code == 2 and done.echo and "the terminal: no passphrase there" in done.shown


@pytest.mark.parametrize("typed", [[CTRL_C], ["longenough\n", CTRL_C]])
def test_ctrl_c_at_a_password_makes_no_user(node, typed):
    done = on_terminal(["user", "add", "south", "--password-stdin", "--data", node.directory], typed)
    assert done.code == 130 and done.echo and "stopped; nothing was done" in done.shown, done.shown
    assert "south" not in node.run("user", "list").stdout


def test_what_cannot_work_is_refused_before_a_password_is_asked_for(node):
    done = on_terminal(["user", "add", "south", "--party", "nobody", "--password-stdin", "--data", node.directory], [])
    assert done.code == 4 and "no party 'nobody'" in done.shown and "Password" not in done.shown


def test_ctrl_c_at_the_fingerprint_takes_no_card(tmp_path, node):
    entente("key", "new", "s", "--plain", "--out", tmp_path / "s.key")
    entente("party", "card", "--key", tmp_path / "s.key", "--name", "South", "--out", tmp_path / "s.card")
    done = on_terminal(["party", "add", tmp_path / "s.card", "--data", node.directory], [CTRL_C])
    assert done.code == 130 and "stopped; nothing was done" in done.shown, done.shown
    assert "South" not in node.run("party", "list").stdout


@pytest.mark.parametrize("answers", [0, 1, 3])
def test_ctrl_c_among_the_questions_ends_them(tmp_path, answers):
    typed = ["bilateral\n", "South\n", "\n", "Title\n"][:answers] + [CTRL_C]
    done = on_terminal(["agreement", "new", "--out", tmp_path / "a.json"], typed, env={"ENTENTE_DATA": ""})
    assert done.code == 130 and "stopped; nothing was done" in done.shown, done.shown
    assert len(done.shown.splitlines()) == answers + 2 and list(tmp_path.iterdir()) == []


def test_push_and_pull_ask_for_a_password_that_is_missing(make_node, tmp_path):
    node = make_node()
    node.user("south", "correct horse battery")
    node.collection("C", "--alias", "c")
    node.grant("c", "--user", "south", "--read")
    url = node.serve() + "/api/collections/c/"
    env = {name: "" for name in ("ENTENTE_USER", "ENTENTE_TOKEN")}
    done = on_terminal(["pull", url, "--user", "south", "--out", tmp_path / "o"], ["correct horse battery\n"], env=env)
    assert done.code == 0 and "Password of south: " in done.shown and "correct" not in done.shown, done.shown
    done = on_terminal(["pull", url, "--user", "south", "--out", tmp_path / "o"], ["wrong\n"], env=env)
    assert done.code == 4 and "401" in done.shown and done.echo, done.shown
    done = on_terminal(["pull", url, "--user", "south", "--out", tmp_path / "o"], [CTRL_C], env=env)
    assert done.code == 130 and done.echo, done.shown
    refused = entente("pull", url, "--user", "south", check=False, stdin="")
    assert refused.returncode == 2 and "no terminal to ask on" in refused.stderr and "--password-file" in refused.stderr
