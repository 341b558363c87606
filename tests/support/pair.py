"""Two nodes with identity keys and each other's cards, who come to agreements."""

import json

from support.node import entente

NORTH_IDENTITY = "identity--8e3c3e5d-5f3a-4f0e-9a3e-2d4f4b6e7c11"
SOUTH_IDENTITY = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f"


def failed(done, code, *words):
    assert done.returncode == code, (done.stdout, done.stderr)
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr, done.stderr
    return done


class Party:
    """A node with an identity key, and its partner's name and identity."""

    def __init__(self, node, folder, pid, identity, partner, partner_identity):
        self.node, self.pid, self.identity, self.folder = node, pid, identity, folder
        self.key = folder / f"{pid}.key"
        entente("key", "new", f"{pid}.example/identity", "--plain", "--out", self.key)
        shown = json.loads(entente("key", "show", self.key, "--json").stdout)
        self.verifier, self.fingerprint = shown["key"], shown["fingerprint"]
        node.run("party", "set", node.name, "--identity", identity)
        node.run("party", "add", partner, "--identity", partner_identity)
        self.card = folder / f"{pid}.card"
        entente("party", "card", "--key", self.key, "--name", node.name, "--identity", identity, "--out", self.card)
        self.takes_card(self)
        self.collection = node.collection("Shared", "--alias", "shared")

    def run(self, *args, **options):
        return self.node.run("agreement", *args, **options)

    def takes_card(self, of):
        self.node.run("party", "add", of.card, "--fingerprint", of.fingerprint)

    def refuses(self, code, *args, words=()):
        return failed(self.run(*args, check=False), code, *words)

    def signs(self, *args):
        return self.run(*args, "--key", self.key, "--person", f"Jane {self.pid}", "--office", "CISO")

    def show(self, what):
        return json.loads(self.run("show", what, "--json").stdout)

    def stage(self, what):
        return self.show(what)["stage"]

    def hands(self, id, partner, name):
        """Sends everything that it knows of the agreement to the partner, as a file."""
        pack = self.folder / f"{name}.pack"
        self.run("send", id, "--out", pack)
        return partner.run("receive", pack)


class Pair:
    def __init__(self, make_node, folder):
        self.folder = folder
        self.north = Party(make_node("North CERT"), folder, "north", NORTH_IDENTITY, "South CERT", SOUTH_IDENTITY)
        self.south = Party(make_node("South CERT"), folder, "south", SOUTH_IDENTITY, "North CERT", NORTH_IDENTITY)
        self.north.takes_card(self.south)
        self.south.takes_card(self.north)

    def document(self, name="agreement.json", **more):
        made = {
            "schema": "entente-agreement/1",
            "version": 1,
            "title": "North gives South indicators",
            "parties": [
                {"pid": p.pid, "name": p.node.name, "identities": [p.identity], "sign_keys": [p.verifier]}
                for p in (self.north, self.south)
            ],
            "flows": [{"fid": "f1", "from": ["north"], "to": ["south"], "max_marking": "amber"}],
            "validity": {"from": "2026-01-01T00:00:00Z", "until": "2090-01-01T00:00:00Z"},
        }
        made.update(more)
        path = self.folder / name
        path.write_text(json.dumps(made))
        return path

    def in_force(self):
        """Both have signed; returns the agreement's id."""
        self.north.signs("propose", self.document())
        id = json.loads(self.north.run("list", "--json").stdout)["id"]
        self.north.hands(id, self.south, "proposed")
        self.south.signs("sign", id)
        self.south.hands(id, self.north, "signed")
        assert self.north.stage(id) == self.south.stage(id) == "in force"
        return id
