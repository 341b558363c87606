"""Objects with one thing changed, for comparing two checkers: a property more, one less, or another value."""

import copy
import json

UUID4 = "e2e1a340-4415-4ba8-9671-f7343fbf0836"
TLP_WHITE = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"

TEXTS = [
    "",
    "a",
    "A b",
    "x_y",
    "2020-02-30T00:00:00.000Z",
    "2016-12-31T23:59:60.000Z",
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.1Z",
    "2020-01-01",
    "identity--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
    f"malware--{UUID4}",
    "identity--E2E1A340-4415-4ba8-9671-f7343fbf0836",
    "identity--e2e1a340-4415-7ba8-9671-f7343fbf0836",
    "en",
    "en-US",
    "english",
    "de-CH-1901",
    "http://a b/",
    "https://example.com/x",
    "example",
    "HKLM\\a",
    "HKEY_USERS\\a",
    "10.0.0.1/24",
    "::1",
    "aa:bb:cc:dd:ee:ff",
    "AA:bb:cc:dd:ee:ff",
    "a@b.example",
    "UTF-8",
    "utf-8",
    "application/pdf",
    "foo/bar",
    "AAAA",
    "AAA",
    "ff",
    "FF",
    "f",
    "malicious-activity",
    "Unknown",
    "TCP",
    "tcp",
    "zz",
    "US",
    "us",
    "[file:name = 'a']",
    "[file:name = 'a'",
    "[file:hashes.MD5 = 'aa']",
    "CVE-2020-0001",
    "CAPEC-5",
    "cve",
    "capec",
    "\u00e9t\u00e9",
]
VALUES = TEXTS + [
    0,
    1,
    -1,
    1.5,
    101,
    2**53,
    1e300,
    True,
    False,
    None,
    [],
    {},
    [""],
    [1],
    {"a": 1},
    {"A": "b"},
    {"MD5": "d41d8cd98f00b204e9800998ecf8427e"},
    {"MD5": "x"},
    [f"malware--{UUID4}"],
]


def marked(**entry):
    return [{**entry}]


ADDED = {
    "x_acme_score": [1, "s", [1], {"a": 1}, None, {}],
    "x_score": [1],
    "score": [1],
    "Score": [1],
    "x-y": [1],
    "ab": [1],
    "severity": [1],
    "action": ["x"],
    "username": ["x"],
    "phone_number": ["x"],
    "phone_numbers": ["x"],
    "confidence": [5, 101, -1, "5"],
    "lang": ["en", "english", "x-klingon", "en_US"],
    "revoked": [True, "true"],
    "labels": [["a"], [], "a"],
    "defanged": [True, 1],
    "spec_version": ["2.1", "2.2", 2.1],
    "aliases": [["a"], [""]],
    "object_marking_refs": [[TLP_WHITE], [f"identity--{UUID4}"], []],
    "granular_markings": [
        marked(selectors=["id"], marking_ref=TLP_WHITE),
        marked(selectors=["nothing"], marking_ref=TLP_WHITE),
        marked(selectors=["type"], lang="en"),
        marked(selectors=[]),
        marked(marking_ref=TLP_WHITE),
    ],
    "external_references": [
        marked(source_name="a"),
        marked(source_name="a", description="b"),
        marked(source_name="a", url="https://example.com/"),
        marked(source_name="cve", external_id="CVE-2020-1"),
        marked(source_name="cve", external_id="CVE-2020-0001"),
        marked(source_name="x", external_id="CVE-2020-0001"),
        marked(url="https://example.com/"),
        marked(source_name="a", url="https://example.com/", hashes={"x_own": "00"}),
    ],
    "extensions": [
        {f"extension-definition--{UUID4}": {"extension_type": "property-extension", "rank": 1}},
        {f"extension-definition--{UUID4}": {"rank": 1}},
        {"foo": {"a": 1}},
        {"x-foo-ext": {"abc": 1}},
        {},
        {f"extension-definition--{UUID4}": {"extension_type": "odd"}},
    ],
    "created_by_ref": [f"identity--{UUID4}", f"malware--{UUID4}", "x"],
    "kill_chain_phases": [marked(kill_chain_name="A b", phase_name="c"), marked(kill_chain_name="a")],
    "hashes": [{"SHA-256": "aa"}, {"x": "aa"}, {"SHA-224": "aa"}, {"foo.bar": "aa"}],
}


def places(value, path=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield path + (key,)
        yield from places(inner, path + (key,))


def bent_text(text, chance):
    kind = chance.randrange(6)
    if kind == 0:
        return text.upper()
    if kind == 1:
        return text + " "
    if kind == 2:
        return text[:-1]
    if kind == 3 and text:
        at = chance.randrange(len(text))
        return text[:at] + chance.choice("aA0-_.~ \u00e9{") + text[at + 1 :]
    if kind == 4:
        return text.replace("-", "_")
    return [text]


def bent(value, chance):
    """Another value, close to this one."""
    if isinstance(value, str):
        return bent_text(value, chance)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        return chance.choice([-value, value + 0.5, str(value), value * 1000])
    if isinstance(value, list):
        return chance.choice([[], value + value, value[:1] * 2, value[0] if value else None])
    if isinstance(value, dict) and value and chance.random() < 0.5:
        key = chance.choice(list(value))
        changed = dict(value)
        changed[chance.choice([key.upper(), key + "x", "a b", key + ".y"])] = changed.pop(key)
        return changed
    return chance.choice([[], {}, None, "x"])


def change(stix, chance):
    """(the changed object, what was done). Type and version stay."""
    stix = copy.deepcopy(stix)
    kind = chance.random()
    if kind < 0.2:
        key = chance.choice(list(ADDED))
        stix[key] = copy.deepcopy(chance.choice(ADDED[key]))
        return stix, f"with {key} {json.dumps(stix[key])[:80]}"
    path = chance.choice([p for p in places(stix) if p not in (("type",), ("spec_version",))])
    parent = stix
    for step in path[:-1]:
        parent = parent[step]
    name = "/".join(map(str, path))
    if kind < 0.4:
        del parent[path[-1]]
        return stix, f"without {name}"
    if kind < 0.75:
        parent[path[-1]] = copy.deepcopy(chance.choice(VALUES))
    else:
        parent[path[-1]] = bent(parent[path[-1]], chance)
    return stix, f"with {name} {json.dumps(parent[path[-1]])[:80]}"
