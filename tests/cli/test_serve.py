"""The server as a process: how it starts, what it refuses, how it ends."""

import hashlib
import json
import re
import signal
import ssl
import stat
import subprocess
import urllib.request

import pytest

from support.node import TAXII, binary, indicator


def refused(node, *args):
    done = node.run("serve", *args, check=False)
    assert done.stdout == ""
    return done


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0"])
def test_plain_http_stays_on_this_machine(node, address):
    done = refused(node, "--listen", address)
    assert done.returncode == 2
    for word in ("--tls-cert", "--tls-self-signed", "--plain-http"):
        assert word in done.stderr


@pytest.mark.parametrize(
    "args, code",
    [
        (["--listen", "example.org:80"], 2),
        (["--listen", "127.0.0.1:70000"], 2),
        (["--tls-cert", "x.pem"], 2),
        (["--tls-self-signed", "--plain-http"], 2),
        (["--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"], 2),
        (["--log-level", "loud"], 2),
        (["--public-url", "https://taxii.example/path"], 2),
        (["--public-url", "taxii.example"], 2),
        (["--public-url", "http://taxii.example"], 2),
    ],
)
def test_wrong_options(node, args, code):
    done = refused(node, *args)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("entente: ")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_well(node, how):
    node.serve()
    assert node.get("/taxii2/", node.admin_token).status_code == 200
    assert node.stop(how) == 0
    assert node.run("check").returncode == 0


def test_an_address_in_use(node, make_node):
    url = node.serve()
    done = refused(make_node(), "--listen", url.removeprefix("http://"))
    assert done.returncode == 4 and "in use" in done.stderr


def test_ready_as_json(node):
    process = subprocess.Popen(
        [binary(), "serve", "--data", str(node.directory), "--listen", "127.0.0.1:0", "--json"],
        stdout=subprocess.PIPE, text=True,
    )
    ready = json.loads(process.stdout.readline())
    assert ready["listening"] == f"http://127.0.0.1:{ready['port']}/taxii2/"
    process.terminate()
    assert process.wait(timeout=60) == 0


def test_self_signed_certificate(node):
    url = node.serve("--tls-self-signed")
    assert url.startswith("https://127.0.0.1:")
    certificate = node.directory / "tls" / "cert.pem"
    assert stat.S_IMODE((node.directory / "tls" / "key.pem").stat().st_mode) == 0o600
    first = certificate.read_text()
    shown = re.search(r"fingerprint ([0-9a-f]{64})", node.log()).group(1)
    assert shown == hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()
    assert f"curl --cacert '{certificate}'" in node.log()
    request = urllib.request.Request(
        url + "/taxii2/", headers={"Accept": TAXII, "Authorization": "Bearer " + node.admin_token}
    )
    trust = ssl.create_default_context(cafile=str(certificate))
    with urllib.request.urlopen(request, context=trust, timeout=60) as answer:
        assert json.load(answer)["title"] == "North CERT"
    node.stop()
    node.serve("--tls-self-signed")
    assert certificate.read_text() == first, "made once"
    assert shown in node.log().split("stopping")[-1]


def test_commands_run_beside_it_and_count_at_once(node):
    node.serve()
    collection = node.collection("C")
    path = node.objects_path(collection)
    assert node.post(path, [indicator(1)], node.admin_token).status_code == 202
    token = node.json("token", "add", "admin")
    assert node.get(path, token["token"]).status_code == 200
    node.run("token", "remove", token["id"])
    assert node.get(path, token["token"]).status_code == 401
    node.run("user", "set", "admin", "--disable")
    assert node.get(path, node.admin_token).status_code == 401
    node.run("user", "set", "admin", "--enable")
    node.run("import", "-", "--collection", "C", stdin=json.dumps(indicator(2)))
    assert len(node.get(path, node.admin_token).json()["objects"]) == 2


def test_secrets_are_in_no_log(node):
    node.collection("C")
    node.user("analyst", "correct horse battery")
    node.serve("--log-level", "debug", "--log-json")
    node.get("/taxii2/", ("analyst", "correct horse battery"))
    node.get("/taxii2/", node.admin_token)
    node.get("/taxii2/?secret=hunter2", ("analyst", "wrong horse battery"))
    node.stop()
    log = node.log()
    for secret in ("horse", node.admin_token, node.admin_token[4:]):
        assert secret not in log
    for line in log.splitlines():
        json.loads(line)
