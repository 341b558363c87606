"""Servers that mean harm: every pull and push ends, soon, with words, within its memory."""

import json
import zlib

import pytest
from support.node import TAXII, indicator

COLLECTION = {"id": "107", "title": "c", "can_read": True, "can_write": True}
ROOT = {"title": "r", "versions": [TAXII], "max_content_length": 1_000_000}


def behind(objects):
    """A server with one collection whose objects endpoint is `objects(handler)`."""

    def answer(handler):
        path = handler.path.split("?")[0]
        if path == "/r/":
            handler.reply(200, ROOT)
        elif path == "/r/collections/107/":
            handler.reply(200, COLLECTION)
        else:
            objects(handler)

    return answer


def endless(handler):
    handler.reply(200, {"more": True, "next": str(handler.number), "objects": [indicator(handler.number)]})


def bomb(handler):
    """600 MiB of blanks in 600 KiB."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(b'{"objects":['), *(packer.compress(b" " * (1 << 20)) for _ in range(600)), packer.flush()]
    handler.reply(200, b"".join(parts), {"Content-Encoding": "gzip"})


def broken_gzip(handler):
    handler.reply(200, b"\x1f\x8b\x08\x00garbage", {"Content-Encoding": "gzip"})


def endless_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", TAXII)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:
        handler.wfile.write(b"100000\r\n" + b" " * 0x100000 + b"\r\n")


def endless_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-More: " + b"a" * 1000 + b"\r\n")


def lying_length(handler):
    handler.reply(200, b"{}", {"Content-Length": str(1 << 40)})
    handler.close_connection = True


def silence(handler):
    handler.rfile.read(1)  # until the client has had enough


def not_http(handler):
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 1000)
    handler.close_connection = True


SERVERS = {
    "endless pages": endless,
    "same page": lambda h: h.reply(200, {"more": True, "next": "a", "objects": [indicator(1)]}),
    "same page, new cursors": lambda h: h.reply(200, {"more": True, "next": str(h.number), "objects": [indicator(1)]}),
    "empty pages": lambda h: h.reply(200, {"more": True, "next": str(h.number)}),
    "more without a way on": lambda h: h.reply(200, {"more": True, "objects": [indicator(h.number)]}),
    "gzip bomb": bomb,
    "broken gzip": broken_gzip,
    "endless body": endless_body,
    "endless headers": endless_headers,
    "lying length": lying_length,
    "silence": silence,
    "not HTTP": not_http,
    "not JSON": lambda h: h.reply(200, "<html>"),
    "not UTF-8": lambda h: h.reply(200, b'{"objects":[{"a":"\xff\xfe"}]}'),
    "no envelope": lambda h: h.reply(200, [1]),
    "wrong types": lambda h: h.reply(200, {"objects": {"a": 1}, "more": "yes"}),
    "deep nesting": lambda h: h.reply(200, '{"objects":[' + "[" * 1_000_000),
    "long cursor": lambda h: h.reply(200, {"more": True, "next": "a" * 10_000_000, "objects": [indicator(1)]}),
    "web page": lambda h: h.reply(200, "<html>", {"Content-Type": "text/html"}),
    "old TAXII": lambda h: h.reply(200, {}, {"Content-Type": "application/vnd.oasis.taxii+json; version=2.0"}),
    "redirect in circles": lambda h: h.reply(302, "", {"Location": h.path}),
    "come back next year": lambda h: h.reply(503, "", {"Retry-After": "31536000"}),
    "odd status": lambda h: h.reply(299, "{}"),
    "error with a long story": lambda h: h.reply(418, {"title": "\x1b[2J" + "a" * 5_000_000}),
}


@pytest.mark.parametrize("name", SERVERS)
def test_pull_ends(run, scripted, tmp_path, name):
    server = scripted(behind(SERVERS[name]))
    out = tmp_path / "out.jsonl"
    done = run(
        "pull", f"{server.url}/r/collections/107/", "--out", out, "--max-pages", 50, "--retries", 0, "--timeout", 5, "--json"
    )
    assert done.code in (3, 5), done.err
    assert json.loads(done.out)["complete"] is False
    assert len(server.asked) <= 60
    error = json.loads(done.err.splitlines()[-1])["error"]
    assert error["detail"] and "\x1b" not in done.err and len(done.err) < 5_000
    # What came before stands there, whole.
    for line in out.read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["type"] == "indicator"


@pytest.mark.parametrize(
    "resource",
    [
        "", "[]", "null", "{}", '{"title":1}', '{"title":"t","api_roots":"x"}', '{"title":"t","api_roots":[1]}',
        '{"id":7}', "\ud800".encode("utf-8", "surrogatepass"), "[" * 1_000_000, '{"title":"' + "a" * 10_000_000 + '"}',
        json.dumps({"title": "t", "api_roots": [f"/{n}/" for n in range(200_000)]}),
        json.dumps({"title": "\x1b[2J\u202e", "api_roots": ["/\x1b[2J/", "/\u202e/"]}),
    ],
    ids=range(13),
)
def test_discovery_is_not_believed(run, scripted, resource):
    server = scripted(lambda h: h.reply(200, resource))
    done = run("pull", server.url, "--root", "x", "--retries", 0)
    assert done.code in (2, 4, 5)
    assert done.err and "\x1b" not in done.err and "\u202e" not in done.err and len(done.err) < 5_000
    assert len(server.asked) <= 101


@pytest.mark.parametrize("title", ["\x1b]0;owned\x07\x1b[2J", "\u202egpj.exe", "a" * 10_000_000])
def test_titles_are_shown_harmlessly(run, scripted, title):
    def answer(handler):
        if handler.path == "/r/":
            handler.reply(200, {**ROOT, "title": title})
        else:
            handler.reply(200, {"collections": [{**COLLECTION, "title": title}, {**COLLECTION, "id": "108", "title": title}]})

    done = run("pull", scripted(answer).url + "/r/")
    assert done.code == 2
    assert "107" in done.err and "108" in done.err
    assert not any(bad in done.err for bad in ("\x1b", "\x07", "\u202e")) and len(done.err) < 2_000


def test_nothing_leads_away_from_the_server_that_was_named(run, scripted):
    other = scripted(lambda h: h.reply(200, {}))
    env = {"ENTENTE_USER": "u", "ENTENTE_PASSWORD": "secret"}

    away = scripted(lambda h: h.reply(302, "", {"Location": other.url + "/r/collections/107/"}))
    assert run("pull", away.url + "/r/collections/107/", env=env).code == 5

    lists = scripted(lambda h: h.reply(200, {"title": "t", "api_roots": [other.url + "/r/"]}))
    done = run("pull", lists.url, "--collection", "107", env=env)
    assert done.code == 4 and "--allow-origin" in done.err

    for root in ("file:///etc/passwd", "ftp://127.0.0.1/", "//127.0.0.1:1/", "gopher://x/", "/r/../../../x/"):
        run("pull", scripted(lambda h: h.reply(200, {"title": "t", "api_roots": [root]})).url, env=env)  # noqa: B023
    assert other.asked == []


def test_credentials_stay_with_origins_that_were_named_for_them(run, scripted, tmp_path):
    """The second server holds the API root: allowed, it gets requests; named for credentials, it gets those too."""

    def serve(handler):
        path = handler.path.split("?")[0]
        if path == "/r/collections/":
            handler.reply(200, {"collections": [COLLECTION]})
        else:
            behind(lambda h: h.reply(200, {}))(handler)

    other = scripted(serve)
    first = scripted(lambda h: h.reply(200, {"title": "t", "api_roots": [other.url + "/r/"]}))
    secret = tmp_path / "password"
    secret.write_text("secret\n")
    words = ["pull", first.url, "--user", "u", "--password-file", secret]
    assert run(*words, "--allow-origin", other.url).code == 0
    assert first.asked and all("Authorization" in headers for _, _, headers in first.asked)
    assert other.asked and not any("Authorization" in headers for _, _, headers in other.asked)
    assert run(*words, "--allow-origin", other.url, "--credentials-for", other.url).code == 0
    assert "Authorization" in other.asked[-1][2]


def test_a_post_is_never_redirected(run, scripted, tmp_path):
    other = scripted(lambda h: h.reply(202, {}))
    server = scripted(behind(lambda h: h.reply(307, "", {"Location": other.url + h.path})))
    file = tmp_path / "in.json"
    file.write_text(json.dumps(indicator(1)))
    assert run("push", file, server.url + "/r/collections/107/").code == 5
    assert other.asked == []
    same = scripted(behind(lambda h: h.reply(308, "", {"Location": "/else/"})))
    assert run("push", file, same.url + "/r/collections/107/").code == 5
    assert not any(path == "/else/" for _, path, _ in same.asked)


PENDING = {"id": "s", "status": "pending", "total_count": 3, "success_count": 0, "failure_count": 0, "pending_count": 3}
STATUSES = {
    "never completes": (5, lambda h: h.reply(202 if h.command == "POST" else 200, PENDING)),
    "counts do not add up": (0, lambda h: h.reply(202, {"id": "s", "status": "complete", "total_count": 1 << 60})),
    "more failures than objects": (
        3, lambda h: h.reply(202, {"id": "s", "status": "complete", "failure_count": 1 << 60, "failures": [{"id": "\x1b[2J"}] * 5}),
    ),
    "negative counts": (5, lambda h: h.reply(202, {"id": "s", "status": "complete", "total_count": -1})),
    "id that leads elsewhere": (5, lambda h: h.reply(202, {**PENDING, "id": "../../x"})),
    "dots for an id": (5, lambda h: h.reply(202, {**PENDING, "id": ".."})),
    "no status": (5, lambda h: h.reply(202, "")),
    "huge status": (5, lambda h: h.reply(202, json.dumps({"id": "a" * 40_000_000, "status": "complete"}))),
    "refuses all": (3, lambda h: h.reply(422, {"title": "\x1b[2J no"})),
    "falls over all": (3, lambda h: h.reply(500, "")),
    "silence": (5, silence),
    "endless body": (5, endless_body),
}


@pytest.mark.parametrize("name", STATUSES)
def test_push_ends(run, scripted, tmp_path, name):
    code, post = STATUSES[name]
    server = scripted(behind(post))
    file = tmp_path / "in.jsonl"
    file.write_text("".join(json.dumps(indicator(n)) + "\n" for n in range(3)))
    done = run(
        "push", file, server.url + "/r/collections/107/", "--retries", 0, "--wait", 1, "--timeout", 5
    )
    assert done.code == code, done.err
    assert "\x1b" not in done.out + done.err and len(done.err) < 5_000
    assert len(server.asked) < 20
    assert all(path.startswith("/r/") for _, path, _ in server.asked)


def test_requests_are_what_servers_compare_texts_with(run, scripted, tmp_path):
    def objects(handler):
        if handler.command == "POST":
            handler.reply(202, {"id": "s", "status": "complete", "total_count": 1, "success_count": 1, "failure_count": 0, "pending_count": 0})
        else:
            handler.reply(200, {})

    server = scripted(behind(objects))
    file = tmp_path / "in.json"
    file.write_text(json.dumps(indicator(1)))
    assert run("push", file, server.url + "/r/collections/107/").code == 0
    assert run("pull", server.url + "/r/collections/107/").code == 0
    for method, _, headers in server.asked:
        assert headers["Accept"] == TAXII
        if method == "POST":
            assert headers["Content-Type"] == TAXII
            assert int(headers["Content-Length"]) > 0
            assert "Transfer-Encoding" not in headers
        assert headers["User-Agent"]


def test_busy_servers_are_asked_again(run, scripted):
    def objects(handler):
        if handler.number < 4:
            handler.reply(429, "", {"Retry-After": "0"})
        else:
            handler.reply(200, {"objects": [indicator(1)]})

    server = scripted(behind(objects))
    done = run("pull", server.url + "/r/collections/107/")
    assert done.code == 0 and len(done.out.splitlines()) == 1
