"""The words of push and pull: secrets, files, states, exit codes."""

import json
import signal
import subprocess
import threading
from urllib.parse import parse_qsl

import pytest
from support.node import TAXII, binary, indicator

COLLECTION = {"id": "107", "title": "c", "can_read": True, "can_write": True}
ROOT = {"title": "r", "versions": [TAXII], "max_content_length": 1_000_000}


def date_of(page):
    return f"2024-01-01T00:00:00.00000{page}Z"


def serve(handler):
    """One collection with three pages of two objects."""
    path, _, query = handler.path.partition("?")
    if path == "/r/":
        handler.reply(200, ROOT)
    elif path == "/r/collections/107/":
        handler.reply(200, COLLECTION)
    elif handler.command == "POST":
        count = len(json.loads(handler.body)["objects"])
        handler.reply(
            202,
            {"id": "s", "status": "complete", "total_count": count, "success_count": count, "failure_count": 0, "pending_count": 0},
        )
    else:
        given = dict(parse_qsl(query))
        after = given.get("added_after", "")
        page = int(given.get("next") or sum(date_of(n) <= after for n in range(3)))
        if page > 2:
            handler.reply(200, {})
            return
        body = {"more": page < 2, "objects": [indicator(2 * page), indicator(2 * page + 1)]}
        if page < 2:
            body["next"] = str(page + 1)
        handler.reply(200, body, {"X-TAXII-Date-Added-Last": date_of(page)})


@pytest.fixture
def url(scripted):
    server = scripted(serve)
    made = f"{server.url}/r/collections/107/"
    serve.server = server
    return made


def sent_authorization():
    return {headers.get("Authorization") for _, _, headers in serve.server.asked}


def test_secrets_from_files_and_the_environment(run, url, tmp_path):
    password, token = tmp_path / "password", tmp_path / "token"
    password.write_text("from file\r\nsecond line\n")
    token.write_text("abc")
    cases = [
        ([], {}, None),
        ([], {"ENTENTE_USER": "u", "ENTENTE_PASSWORD": "p"}, "Basic dTpw"),
        (["--user", "v"], {"ENTENTE_USER": "u", "ENTENTE_PASSWORD": "p"}, "Basic djpw"),
        (["--user", "u", "--password-file", password], {"ENTENTE_PASSWORD": "p"}, "Basic dTpmcm9tIGZpbGU="),
        ([], {"ENTENTE_TOKEN": "xyz"}, "Bearer xyz"),
        (["--token-scheme", "Token"], {"ENTENTE_TOKEN": "xyz"}, "Token xyz"),
        (["--token-file", token], {"ENTENTE_TOKEN": "xyz"}, "Bearer abc"),
        (["--user", "u"], {"ENTENTE_TOKEN": "xyz", "ENTENTE_PASSWORD": "p"}, "Basic dTpw"),
    ]
    for words, env, expected in cases:
        serve.server.asked.clear()
        done = run("pull", url, *words, env=env)
        assert done.code == 0, done.err
        assert sent_authorization() == {expected}, (words, env)


def test_secrets_that_cannot_be_right(run, url, tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("")
    for words, env in [
        (["--user", "u"], {}),
        (["--password-file", empty], {}),
        (["--token-file", empty], {}),
        (["--token-file", empty, "--user", "u"], {}),
        (["--token-file", tmp_path / "absent"], {}),
        (["--token-scheme", "Digest"], {"ENTENTE_TOKEN": "x"}),
        ([], {"ENTENTE_TOKEN": "x", "ENTENTE_USER": "u", "ENTENTE_PASSWORD": "p"}),
        (["--user", "a:b"], {"ENTENTE_PASSWORD": "p"}),
        ([], {"ENTENTE_TOKEN": "a\nX-Other: 1"}),
    ]:
        done = run("pull", url, *words, env=env)
        assert done.code in (2, 4), (words, env)
        assert done.err
    assert serve.server.asked == []


def test_secrets_do_not_travel_in_the_open(run):
    done = run("pull", "http://taxii.invalid/r/", env={"ENTENTE_TOKEN": "abc"})
    assert done.code == 2 and "--plain-http" in done.err
    assert run("pull", "https://u:p@taxii.invalid/r/").code == 2


def test_an_output_that_has_something_in_it_is_left_alone(run, url, tmp_path):
    out = tmp_path / "out"
    out.write_text("mine\n")
    for words in ([], ["--state", tmp_path / "state"]):
        done = run("pull", url, "--out", out, *words)
        assert done.code == 4 and "not empty" in done.err
    assert out.read_text() == "mine\n"


def test_a_state_of_another_pull_is_refused(run, url, tmp_path):
    state = tmp_path / "state"
    assert run("pull", url, "--out", tmp_path / "a", "--state", state).code == 0
    other = run("pull", url, "--out", tmp_path / "b", "--state", state, "--match-type", "malware")
    assert other.code == 4 and "another pull" in other.err
    state.write_text("{")
    assert run("pull", url, "--out", tmp_path / "c", "--state", state).code == 5


def test_a_state_of_another_push_is_refused(run, scripted, url, tmp_path):
    file, state = tmp_path / "in.json", tmp_path / "state"
    file.write_text(json.dumps(indicator(1)))
    assert run("push", file, url, "--state", state).code == 0
    other = run("push", file, f"{scripted(serve).url}/r/collections/107/", "--state", state)
    assert other.code == 4 and "another push" in other.err


def test_nothing_is_sent_when_a_file_is_missing_or_broken(run, url, tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(indicator(1)))
    assert run("push", good, tmp_path / "absent", url).code == 4
    bad.write_text('{"type":"bundle","objects":[{"id":')
    done = run("push", good, bad, url)
    assert done.code == 3 and "bad.json" in done.err
    assert not any(method == "POST" for method, _, _ in serve.server.asked)


def test_summaries(run, url, tmp_path):
    done = run("pull", url, "--json")
    assert done.code == 0
    assert len(done.out.splitlines()) == 6
    summary = json.loads(done.err)
    assert (summary["accepted"], summary["pages"], summary["complete"]) == (6, 3, True)
    assert summary["last_date"] == "2024-01-01T00:00:00.000002Z"
    done = run("pull", url, "--out", tmp_path / "out")
    assert "6 objects in 3 pages" in done.out and done.err == ""


def test_no_network_is_exit_5(run):
    for url in ("http://127.0.0.1:1/r/", "https://taxii.invalid/r/"):
        done = run("pull", url, "--retries", 0)
        assert done.code == 5 and done.err


def test_a_closed_pipe_ends_a_pull(url):
    done = subprocess.run(f"{binary()} pull {url} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}", shell=True,
                          executable="/bin/bash", capture_output=True, timeout=60, check=False)
    assert done.returncode in (0, 5)  # 5 when the pipe closed before the last page


def test_ctrl_c_ends_a_pull_after_the_page_and_it_goes_on(run, scripted, tmp_path):
    waiting = []

    def slow(handler):
        if "next=1" in handler.path and not waiting:
            waiting.append(True)
            process.send_signal(signal.SIGINT)
        serve(handler)

    server = scripted(slow)
    out, state = tmp_path / "out", tmp_path / "state"
    words = ["pull", f"{server.url}/r/collections/107/", "--out", str(out), "--state", str(state)]
    process = subprocess.Popen([binary(), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert 2 <= len(out.read_text().splitlines()) <= 4
    assert run(*words).code == 0
    got = [json.loads(line)["id"] for line in out.read_text().splitlines()]
    assert sorted(got) == sorted(indicator(n)["id"] for n in range(6))


def test_a_killed_pull_goes_on_without_loss(run, scripted, tmp_path):
    """Killed while each page in turn is under way."""
    for page in range(3):
        killed = []

        def deadly(handler, page=page, killed=killed):
            if handler.path.startswith("/r/collections/107/objects/") and not killed:
                if ("next=" not in handler.path and page == 0) or f"next={page}" in handler.path:
                    killed.append(True)
                    process.kill()
            serve(handler)

        server = scripted(deadly)
        out, state = tmp_path / f"out{page}", tmp_path / f"state{page}"
        words = ["pull", f"{server.url}/r/collections/107/", "--out", str(out), "--state", str(state)]
        process = subprocess.Popen([binary(), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert run(*words).code == 0
        got = [json.loads(line)["id"] for line in out.read_text().splitlines()]
        assert sorted(set(got)) == sorted(indicator(n)["id"] for n in range(6))
        assert len(got) == 6


@pytest.mark.parametrize("remembers", [True, False])
def test_follow_pulls_again(scripted, tmp_path, remembers):
    later = []
    twice = threading.Event()

    def answer(handler):
        if "added_after" in handler.path:
            later.append(handler.path)
            if len(later) == 2:
                twice.set()
        serve(handler)

    server = scripted(answer)
    out = tmp_path / "out"
    process = subprocess.Popen(
        [binary(), "pull", f"{server.url}/r/collections/107/", "--out", out, "--follow", "1",
         *(["--state", tmp_path / "state"] if remembers else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert twice.wait(timeout=60)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(out.read_text().splitlines()) == 6
