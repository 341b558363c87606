"""HTTPS as a client of the standard finds it: versions, cipher suites, the whole exchange over it."""

import json
import ssl
import warnings

import pytest
from conformance_help import Wire, authorized, indicator


@pytest.fixture
def secure(fresh):
    fresh.path = fresh.collection()
    fresh.url = fresh.node.serve("--tls-self-signed")
    fresh.certificate = fresh.node.directory / "tls" / "cert.pem"
    return fresh


def context(world, version=None, ciphers=None):
    made = ssl.create_default_context(cafile=str(world.certificate))
    if version is not None:
        with warnings.catch_warnings():  # the old versions are asked for on purpose
            warnings.simplefilter("ignore", DeprecationWarning)
            made.minimum_version = made.maximum_version = version
    if ciphers is not None:
        made.set_ciphers(ciphers)
    return made


@pytest.mark.parametrize(("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
def test_tls_1_2_and_1_3_are_spoken(secure, version, name):
    with Wire(secure.url, context(secure, version)) as wire:
        assert wire.socket.version() == name
        suite = wire.socket.cipher()[0]
        assert "GCM" in suite or "CHACHA20" in suite or "CCM" in suite
        wire.send("GET", "/taxii2/", authorized(secure.both))
        assert wire.answer()[0] == 200


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (ssl.TLSVersion.TLSv1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "AES256-GCM-SHA384"),  # no forward secrecy
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:@SECLEVEL=0"),  # CBC
    ],
)
def test_old_versions_and_weak_suites_are_refused(secure, version, ciphers):
    with pytest.raises((ssl.SSLError, OSError)):
        Wire(secure.url, context(secure, version, ciphers))


def test_plain_http_on_the_port_gets_nothing(secure):
    with Wire(secure.url.replace("https", "http")) as wire:
        wire.send("GET", "/taxii2/", authorized(secure.both))
        assert b"200" not in wire.quiet_end()[:20]


def test_the_exchange_over_tls(secure):
    body = json.dumps({"objects": [indicator(1)]}).encode()
    with Wire(secure.url, context(secure)) as wire:
        wire.send("POST", secure.path + "objects/", authorized(secure.both, Content_Type="application/taxii+json;version=2.1", Content_Length=len(body)), body)
        assert wire.answer()[0] == 202
        wire.send("GET", secure.path + "objects/", authorized(secure.reader))
        status, _, page = wire.answer()
        assert (status, json.loads(page)["objects"]) == (200, [indicator(1)])
