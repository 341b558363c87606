"""The edge of the server: how many requests one may send, whose requests a proxy passes on, nginx in front."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
import requests

from support.node import TAXII, basic, entente, indicator

ROOT = Path(__file__).resolve().parents[2]
BURST_SECONDS = 10
WAIT_SECONDS = 30
FEED = ("feed", "feed password")


@pytest.fixture
def crowd(node):
    """A node with a collection that `feed` may read."""
    node.user(*FEED)
    node.grant(node.collection("shared"), "--user", "feed", "--read")
    return node


def answers(count, ask):
    return [ask().status_code for _ in range(count)]


def as_from(node, address, auth=FEED):
    """One request that a proxy on this machine passes on for that address."""
    return node.get("/taxii2/", auth, headers={"X-Forwarded-For": address})


def metric(node, name):
    ops = re.search(r"health and metrics on (http://127\.0\.0\.1:\d+)", node.log()).group(1)
    text = requests.get(ops + "/metrics", timeout=10).text
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))


def test_a_user_that_asks_too_often_waits_and_others_do_not(crowd):
    crowd.serve("--rate-user", 1, "--ops-listen", "127.0.0.1:0")
    seen = answers(BURST_SECONDS, lambda: crowd.get("/taxii2/", FEED))
    assert seen == [200] * BURST_SECONDS
    refused = [crowd.get("/taxii2/", FEED) for _ in range(BURST_SECONDS)]
    late = [answer for answer in refused if answer.status_code == 429]
    assert len(late) >= BURST_SECONDS - 5, "a slow machine earns some seconds"
    error = late[-1].json()
    assert 1 <= int(late[-1].headers["Retry-After"]) <= BURST_SECONDS
    assert error["http_status"] == "429" and error["title"] == "Too many requests" and len(error["error_id"]) == 16
    assert late[-1].headers["Content-Type"] == TAXII
    assert crowd.get("/taxii2/", crowd.admin_token).status_code == 200
    assert metric(crowd, 'entente_http_refused_total{kind="user"}') == len(late)
    assert metric(crowd, 'entente_http_refused_total{kind="writer"}') == 0
    assert metric(crowd, "entente_publish_requests_under_way") == 0


def test_an_address_that_asks_too_often_waits_and_others_do_not(crowd):
    crowd.serve("--rate-address", 1, "--trusted-proxy", "127.0.0.1", "--ops-listen", "127.0.0.1:0")
    seen = answers(2 * BURST_SECONDS, lambda: as_from(crowd, "2001:db8:1:2::1"))
    assert seen[:BURST_SECONDS] == [200] * BURST_SECONDS and seen.count(429) >= BURST_SECONDS - 5
    assert as_from(crowd, "2001:db8:1:2:ffff::9").status_code == 429, "the same /64"
    assert as_from(crowd, "2001:db8:1:3::1").status_code == 200
    assert as_from(crowd, "198.51.100.7").status_code == 200
    assert answers(3 * BURST_SECONDS, lambda: crowd.get("/healthz")) == [200] * 3 * BURST_SECONDS, "this machine has no limit"
    assert metric(crowd, 'entente_http_refused_total{kind="address"}') == seen.count(429) + 1


def test_refused_logins_count_more(crowd):
    crowd.serve("--rate-address", 10, "--trusted-proxy", "127.0.0.1")

    def guess():
        return as_from(crowd, "198.51.100.7", "ent_" + "x" * 43)

    seen = answers(12, guess)
    assert seen[:4] == [401] * 4 and 429 in seen[5:], "far fewer than a burst of requests that are sound"
    # A tenth of a second gives one request back, so a slow machine may let one through.
    assert 429 in answers(12, lambda: (guess(), as_from(crowd, "198.51.100.7"))[1]), "whoever it is"
    assert as_from(crowd, "198.51.100.8").status_code == 200


def test_a_stranger_is_not_believed(crowd):
    crowd.serve("--rate-address", 1, "--trusted-proxy", "192.0.2.0/24")
    assert answers(2 * BURST_SECONDS, lambda: as_from(crowd, "198.51.100.7")) == [200] * 2 * BURST_SECONDS
    as_from(crowd, "198.51.100.7", "wrong")
    crowd.wait_for_log("status=401")
    assert "address=127.0.0.1" in crowd.log() and "198.51.100.7" not in crowd.log()


@pytest.mark.parametrize(
    "options, words",
    [
        (["--trusted-proxy", "10.1.2.3/8"], "--trusted-proxy: '10.1.2.3/8' has bits set behind its prefix; do you mean 10.0.0.0/8?"),
        (["--trusted-proxy", "proxy.example"], "--trusted-proxy: 'proxy.example' is no network"),
        (["--rate-user", "1000001"], "--rate-user: 1000001 requests a second are more than 1000000"),
    ],
)
def test_what_makes_no_sense_is_told(options, words):
    done = entente("serve", "--data", "/nowhere", "--check", *options, check=False)
    assert done.returncode == 2 and words in done.stderr


# -- nginx in front, as docs/operations.md has it


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def nginx(tmp_path):
    """Starts nginx with the block of the page in front of a server; returns its port."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("nginx is not installed: scripts/setup --tests does it")
    started = []

    def start(upstream):
        port = free_port()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=taxii.example", "-keyout", tmp_path / "taxii.key", "-out", tmp_path / "taxii.pem"],
            check=True, capture_output=True,
        )
        page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        block = re.search(r"^```nginx\n(.*?)^```", page, re.M | re.S).group(1)
        for there, here in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
            ("/etc/ssl/", f"{tmp_path}/"),
            ("http://127.0.0.1:7443", upstream),
        ):
            assert there in block
            block = block.replace(there, here)
        folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"daemon off;\npid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/nginx.err;\nworker_processes 1;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{folders}{block}}}\n"
        )
        started.append(subprocess.Popen([program, "-p", tmp_path, "-c", config], stderr=subprocess.PIPE, text=True))
        end = time.monotonic() + WAIT_SECONDS
        while True:
            assert started[0].poll() is None and time.monotonic() < end, started[0].stderr.read()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=60)
        process.stderr.close()


def through(port, path, headers, source="127.0.0.9", method="GET", body=None):
    """A request from another address of this machine; status and body."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, source_address=(source, 0), context=trust)
    connection.request(method, path, body, {"Accept": TAXII, "Host": "taxii.example", **headers})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_behind_nginx_clients_are_told_apart_and_named_right(crowd, nginx):
    url = crowd.serve("--public-url", "https://taxii.example", "--trusted-proxy", "127.0.0.1")
    port = nginx(url)
    login = {"Authorization": basic(*FEED)}
    status, body = through(port, "/taxii2/", login)
    assert status == 200 and '"api_roots":["https://taxii.example/api/"]' in body
    # What a client writes there itself, nginx leaves in front of what it saw.
    assert through(port, "/taxii2/", {"Authorization": "Bearer wrong", "X-Forwarded-For": "203.0.113.5"})[0] == 401
    crowd.wait_for_log("status=401")
    assert "address=127.0.0.9" in crowd.log() and "203.0.113.5" not in crowd.log()
    # Whoever reaches the server itself is no proxy.
    connection = http.client.HTTPConnection("127.0.0.1", int(url.rsplit(":", 1)[1]), timeout=60, source_address=("127.0.0.8", 0))
    connection.request("GET", "/taxii2/", headers={"X-Forwarded-For": "203.0.113.6"})
    assert connection.getresponse().status == 401
    connection.close()
    crowd.wait_for_log("address=127.0.0.8")
    assert "203.0.113.6" not in crowd.log()


def test_behind_nginx_large_bodies_pass_both_ways(crowd, nginx):
    """More than nginx takes and keeps without the lines of the page, and a refusal that comes before the body has."""
    path = crowd.objects_path(crowd.collection("large"))
    port = nginx(crowd.serve("--public-url", "https://taxii.example", "--trusted-proxy", "127.0.0.1"))
    sent = [indicator(n, description=chr(97 + n) * 100_000) for n in range(20)]
    body = json.dumps({"objects": sent}).encode()
    login = {"Authorization": f"Bearer {crowd.admin_token}", "Content-Type": TAXII}
    status, said = through(port, path, login, method="POST", body=body)
    assert status == 202 and json.loads(said)["success_count"] == len(sent)
    status, said = through(port, path, login)
    assert status == 200 and json.loads(said)["objects"] == sent
    assert through(port, path, {**login, "Authorization": "Bearer wrong"}, method="POST", body=body)[0] == 401
