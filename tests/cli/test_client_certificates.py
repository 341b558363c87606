"""Logins by client certificate: bound by key or by name and CA, ended at once, with certificates that OpenSSL made."""

import json
import re
import signal
import subprocess
import warnings
from pathlib import Path

import pytest
import requests

from support.node import TAXII, entente, indicator

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(*args, stdin=None):
    return subprocess.run(["openssl", *map(str, args)], input=stdin, capture_output=True, check=True).stdout


class Ca:
    """A CA in a folder, as a partner has one."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.file = folder / f"{name}.pem"
        openssl("req", "-x509", *NEW_KEY, "-days", 2, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", self.file)

    def issue(self, name, san, days=2, key=None):
        """(certificate, key) as requests takes them."""
        made = self.folder / f"{self.name}-{name}"
        key_file = Path(f"{made}.key")
        keys = NEW_KEY + ["-keyout", key_file] if key is None else ["-new", "-key", key]
        openssl("req", *keys, "-subj", f"/CN={name}", "-addext", f"subjectAltName={san}", "-out", f"{made}.csr")
        openssl("x509", "-req", "-in", f"{made}.csr", "-CA", self.file, "-CAkey", self.folder / f"{self.name}.key", "-CAcreateserial",
                "-copy_extensions", "copy", "-days", days, "-out", f"{made}.pem")
        return f"{made}.pem", str(key or key_file)


class Place:
    """A node behind TLS with a CA, and users of a partner who may read its collection."""

    def __init__(self, node, folder):
        self.node, self.ca, self.folder = node, Ca(folder, "south-ca"), folder
        node.run("party", "add", "South CERT")
        for user in ("siem", "other"):
            node.run("user", "add", user, "--party", "South CERT", "--no-password")
        node.collection("Indicators", "--alias", "indicators")
        node.grant("indicators", "--party", "South CERT", "--read", "--max-marking", "TLP:GREEN")
        self.objects = "/api/collections/indicators/objects/"

    def bind(self, user, *how):
        return self.node.json("token", "add", user, *how)

    def serve(self, *options):
        self.url = self.node.serve("--tls-self-signed", "--client-ca", self.ca.file, *options)

    def get(self, path, shown=None, token=None):
        headers = {"Accept": TAXII} | ({"Authorization": f"Bearer {token}"} if token else {})
        with warnings.catch_warnings():  # the server's own certificate is not what is tested
            warnings.simplefilter("ignore")
            return requests.get(self.url + path, cert=shown, headers=headers, verify=False, timeout=60)

    def status(self, shown=None, token=None):
        """None = TLS refused."""
        try:
            return self.get("/taxii2/", shown, token).status_code
        except (requests.exceptions.SSLError, requests.exceptions.ConnectionError):
            return None


@pytest.fixture
def place(node, tmp_path):
    return Place(node, tmp_path)


def test_right_and_wrong_certificates(place, tmp_path):
    ca = place.ca
    pinned = ca.issue("pinned", "DNS:a.south.example")
    named = ca.issue("named", "DNS:SIEM.south.example,email:ops@south.example")
    place.bind("siem", "--cert", pinned[0])
    place.bind("other", "--san", "siem.South.example", "--ca", ca.file)
    place.serve("--ops-listen", "127.0.0.1:0")
    assert place.status(pinned) == 200 and place.status(named) == 200
    assert place.status() == 401, "none"
    assert place.status(ca.issue("stranger", "DNS:b.south.example")) == 401, "verified, but bound to nobody"
    assert place.status(ca.issue("expired", "DNS:siem.south.example", days=-1)) is None
    wrong = Ca(tmp_path, "wrong-ca").issue("named", "DNS:siem.south.example")
    assert place.status(wrong) is None
    assert place.status(token=place.node.admin_token) == 200, "who has a token needs no certificate"
    assert place.status(pinned, "ent_" + "x" * 43) == 401, "what a request says itself counts"
    assert place.get("/healthz").status_code == 200
    log = place.node.log()
    assert "a client's certificate was refused" in log and "certificate has expired" in log, log
    # A renewed certificate of the same key is the same one; another key with its names is not.
    assert place.status(ca.issue("renewed", "DNS:c.south.example", key=pinned[1])) == 200
    assert place.status(ca.issue("imitated", "DNS:a.south.example")) == 401


def test_it_is_a_credential_like_any_other(place):
    """It stands in lists and records, reads what its user may, and ends at once."""
    shown = place.ca.issue("siem", "DNS:siem.south.example")
    bound = place.bind("siem", "--cert", shown[0], "--label", "rack 4")
    node = place.node
    place.serve()
    node.url = place.url
    node.run("import", "-", "--collection", "indicators", stdin=json.dumps([indicator(1), indicator(2)]))
    assert len(place.get(place.objects, shown).json()["objects"]) == 2
    given = [json.loads(line) for line in node.run("disclosed", "--to", "siem", "--token", bound["id"], "--json").stdout.splitlines()]
    assert [one["token"] for one in given] == [bound["id"]] * 2
    assert node.json("user", "show", "siem")["tokens"] == 1

    node.run("user", "set", "siem", "--disable")
    assert place.status(shown) == 401
    node.run("user", "set", "siem", "--enable")
    assert place.status(shown) == 200
    node.run("stop", "siem", "--person", "Jane Doe", "--reason", "its key was stolen")
    assert place.status(shown) == 401
    node.run("start", "siem", "--person", "Jane Doe", "--reason", "a new key")
    assert place.status(shown) == 200
    node.run("token", "remove", bound["id"])
    assert place.status(shown) == 401
    # Its key was taken back: a name does not bring it in again, but another key with that name comes in.
    place.bind("siem", "--san", "siem.south.example", "--ca", place.ca.file)
    assert place.status(shown) == 401
    assert place.status(place.ca.issue("new", "DNS:siem.south.example")) == 200


def test_what_is_bound_is_shown_and_bound_once(place):
    shown = place.ca.issue("siem", "URI:spiffe://south/siem")
    der = openssl("pkey", "-pubin", "-outform", "der", stdin=openssl("x509", "-in", shown[0], "-noout", "-pubkey"))
    pin = re.search(r"([0-9a-f]{64})", openssl("dgst", "-sha256", stdin=der).decode()).group(1)
    by_key = place.bind("siem", "--cert", shown[0])
    assert by_key["certificate"] == {"key_sha256": pin} and "token" not in by_key
    again = place.node.run("token", "add", "other", "--pin", f"sha256:{pin.upper()}", check=False)
    assert again.returncode == 4 and f"bound to the user 'siem' already; take that back with: entente token remove {by_key['id']}" in again.stderr
    by_name = place.bind("other", "--san", "spiffe://south/siem", "--ca", place.ca.file, "--expires", "30d")
    assert by_name["certificate"]["name"] == "spiffe://south/siem" and by_name["expires"]
    table = place.node.run("token", "list").stdout
    assert f"certificate sha256:{pin[:12]} " in table and "certificate spiffe://south/siem by sha256:" in table
    assert f" certificate sha256:{pin}\n" in place.node.run("token", "show", by_key["id"]).stdout
    place.node.run("token", "remove", by_key["id"])
    assert place.bind("other", "--pin", ":".join(pin[i : i + 2] for i in range(0, 64, 2)))["certificate"] == {"key_sha256": pin}
    assert place.node.run("check").returncode == 0


@pytest.mark.parametrize(
    "options, words",
    [
        (["--cert", "no.pem"], "cannot open the certificate no.pem: No such file"),
        (["--pin", "sha256:abc"], "--pin: 'sha256:abc' is no SHA-256 of a key"),
        (["--san", "siem.south.example"], "--san and --ca belong together"),
        (["--ca", "{ca}"], "--san and --ca belong together"),
        (["--san", "a b", "--ca", "{ca}"], "'a b' is no name of a certificate"),
        (["--san", "siem.south.example", "--ca", "{client}"], "is not the certificate of a CA; --cert FILE binds a client's own"),
        (["--cert", "{client}", "--san", "a", "--ca", "{ca}"], "choose one of --cert, --pin, and --san with --ca"),
    ],
)
def test_what_cannot_be_bound_is_told(place, options, words):
    files = {"ca": place.ca.file, "client": place.ca.issue("siem", "DNS:a")[0]} if "{" in "".join(options) else {}
    done = place.node.run("token", "add", "siem", *[option.format(**files) for option in options], check=False)
    assert done.returncode == 2 and words in done.stderr, done.stderr


def test_required_and_read_again(place):
    """SIGHUP takes over another CA, and whether one is required; a file that is none changes nothing."""
    other = Ca(place.folder, "other-ca")
    file = place.folder / "serve.toml"
    one, two = place.ca.issue("one", "DNS:a"), other.issue("two", "DNS:a")
    place.bind("siem", "--cert", one[0])
    place.bind("other", "--cert", two[0])
    file.write_text(f'client-ca = "{place.ca.file}"\n')
    place.url = place.node.serve("--tls-self-signed", "--config", file)
    assert (place.status(one), place.status(two), place.status()) == (200, None, 401)

    def again(text, words):
        file.write_text(text)
        place.node.process.send_signal(signal.SIGHUP)
        place.node.wait_for_log(words)

    again(f'client-ca = "{other.file}"\nrequire-client-cert = true\n', "changed=client-ca, require-client-cert")
    assert (place.status(one), place.status(two), place.status()) == (None, 200, None)
    again(f'client-ca = "{one[1]}"\n', "nothing changed")
    assert (place.status(one), place.status(two), place.status()) == (None, 200, None)


@pytest.mark.parametrize(
    "options, words",
    [
        (["--client-ca", "ca.pem"], "--client-ca is about certificates that clients show over TLS"),
        (["--client-ca", "ca.pem", "--plain-http"], "--client-ca is about certificates that clients show over TLS"),
        (["--tls-self-signed", "--require-client-cert"], "--require-client-cert needs --client-ca FILE"),
        (["--tls-self-signed", "--client-ca", "no.pem"], "cannot read the client CA no.pem: No such file"),
    ],
)
def test_settings_that_make_no_sense(options, words):
    done = entente("serve", "--data", "/nowhere", "--check", *options, check=False)
    assert done.returncode == 2 and words in done.stderr, done.stderr
