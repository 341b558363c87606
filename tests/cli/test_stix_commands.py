"""entente stix id, canonical, markings, redact: looking into objects without a node."""

import hashlib
import json
import re

import pytest

from support.node import entente, indicator

GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
OLD_AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
STATEMENT = "marking-definition--11111111-1111-4111-8111-111111111111"
UNKNOWN = "marking-definition--22222222-2222-4222-8222-222222222222"
US = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f"
SECRET = "harbour master told us"


def stix(*args, stdin=None, code=0):
    if stdin is not None and not isinstance(stdin, str):
        stdin = json.dumps(stdin)
    done = entente("stix", *args, stdin=stdin, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def lines(*args, stdin=None, code=0):
    return [json.loads(line) for line in stix(*args, "--json", stdin=stdin, code=code).stdout.splitlines()]


# -- id


def address(value, ident):
    return {"type": "ipv4-addr", "spec_version": "2.1", "id": ident, "value": value}


def test_ids_of_observables():
    right = address("198.51.100.3", "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4")  # the standard's own
    other = address("198.51.100.3", "ipv4-addr--28bb3599-77cd-4a82-a950-b5bc3caf07c4")
    process = {"type": "process", "id": "process--28bb3599-77cd-4a82-a950-b5bc3caf07c4", "pid": 7}
    bad_process = dict(process, id="process--28bb3599-77cd-5a82-a950-b5bc3caf07c4")
    answers = lines("id", "-", stdin=[right, other, process, bad_process, indicator(1)], code=1)
    assert [a["verdict"] for a in answers] == ["same", "differs", "random", "random", "no observable"]
    assert [a["deterministic_id"] for a in answers] == [right["id"], right["id"], None, None, None]
    assert [a.get("good") for a in answers] == [True, False, True, False, None]
    shown = stix("id", "-", stdin=[right, other, bad_process], code=1).stdout.splitlines()
    assert shown[0] == f"same     {right['id']}"
    assert shown[1] == f"differs  {other['id']}  {right['id']}"
    assert shown[2].startswith(f"random   {bad_process['id']}  its id should be random")
    stix("id", "-", stdin=[right, process])


def test_an_observable_without_an_id_is_told_its_id():
    text = {"type": "domain-name", "value": "example.com"}
    shown = stix("id", "-", stdin=text, code=1).stdout
    assert "(byte 0)  domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7" in shown


# -- canonical


def test_canonical_form_and_digest(tmp_path):
    path = tmp_path / "in.json"
    path.write_text('{"objects": [{"b": 1.0, "a": "\\u00e4", "id": "x--1"}, {"n": 1e3}]}', encoding="utf-8")
    texts = ['{"a":"ä","b":1,"id":"x--1"}', '{"n":1000}']
    assert stix("canonical", path).stdout.splitlines() == texts
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert stix("canonical", "--digest", path).stdout.splitlines() == [digests[0] + "  x--1", digests[1]]
    assert lines("canonical", path) == [
        {"id": "x--1", "sha256": digests[0], "canonical": texts[0]},
        {"id": None, "sha256": digests[1], "canonical": texts[1]},
    ]
    whole = '{"objects":[{"a":"ä","b":1,"id":"x--1"},{"n":1000}]}'
    assert stix("canonical", "--whole", path).stdout == whole + "\n"


def test_any_json_text_has_a_canonical_form():
    # RFC 8785, 3.2.2, as published.
    text = r"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}\n'
    )
    assert stix("canonical", "--whole", "-", stdin=text).stdout == expected
    assert stix("canonical", "--whole", "-", stdin=" 1.50 ").stdout == "1.5\n"


@pytest.mark.parametrize("command", ["id", "canonical", "markings"])
@pytest.mark.parametrize("text", ["", '{"a":1', '{"id":tru,"x":1}', '{"a":1,"a":2}', "nothing"])
def test_what_cannot_be_read_is_refused(command, text):
    done = stix(command, "-", stdin=text, code=3)
    assert "byte" in done.stderr


def test_files_that_are_not_there():
    for command in (["id"], ["canonical"], ["canonical", "--whole"], ["markings"], ["redact", "--ceiling", "RED", "--as", US]):
        assert "nowhere.json" in stix(*command, "nowhere.json", code=4).stderr


# -- markings


def marked(number, **more):
    made = indicator(number, object_marking_refs=[GREEN], name="lantern", description=SECRET)
    made["granular_markings"] = [{"marking_ref": RED, "selectors": ["description"]}]
    made.update(more)
    return made


def test_markings_of_parts():
    thing = marked(
        1,
        external_references=[{"source_name": "a", "description": "b"}, {"source_name": "c", "url": "https://example.com"}],
        granular_markings=[
            {"marking_ref": RED, "selectors": ["description", "external_references.[1]"]},
            {"marking_ref": UNKNOWN, "selectors": ["external_references.[1].url"]},
            {"lang": "de", "selectors": ["name"]},
        ],
    )
    (answer,) = lines("markings", "-", stdin=thing)
    assert answer["id"] == thing["id"] and answer["version"] == thing["modified"]
    assert [m["name"] for m in answer["markings"]] == ["TLP:GREEN"]
    parts = {part["pointer"]: {m["name"] for m in part["markings"]} for part in answer["parts"]}
    assert parts == {
        "/description": {"TLP:GREEN", "TLP:RED"},
        "/external_references/1": {"TLP:GREEN", "TLP:RED"},
        "/external_references/1/url": {"TLP:GREEN", "TLP:RED", UNKNOWN},
    }
    shown = stix("markings", "-", stdin=thing).stdout
    assert f"{thing['id']}  TLP:GREEN\n" in shown and "  /description  " in shown


def test_an_object_without_markings_is_said_to_have_none():
    plain = indicator(1)
    del plain["object_marking_refs"]
    assert stix("markings", "-", stdin=plain).stdout == f"{plain['id']}  not marked\n"


def test_a_selector_that_selects_nothing_is_told():
    thing = marked(1, granular_markings=[{"marking_ref": RED, "selectors": ["no_such_thing"]}])
    assert "no_such_thing" in stix("markings", "-", stdin=thing, code=3).stderr


# -- redact


def redacted(*args, stdin, code=0):
    return lines("redact", "--as", US, *args, "-", stdin=stdin, code=code)


def test_a_part_above_the_ceiling_is_cut():
    (answer,) = redacted("--ceiling", "TLP:GREEN", stdin=marked(1))
    assert answer["outcome"] == "derived" and answer["hidden"] == [RED] and answer["id"] == marked(1)["id"]
    made = answer["object"]
    assert "description" not in made and "granular_markings" not in made
    assert made["id"] != marked(1)["id"] and made["id"].startswith("indicator--")
    assert made["created_by_ref"] == US and made["created"] == made["modified"] != marked(1)["modified"]
    assert (made["name"], made["pattern"]) == ("lantern", marked(1)["pattern"])
    text = json.dumps(made)
    assert SECRET not in text and marked(1)["id"].split("--")[1] not in text
    assert entente("validate", "-", stdin=text).returncode == 0
    # The reader of red gets it as it is.
    (answer,) = redacted("--ceiling", "red", stdin=marked(1))
    assert answer["outcome"] == "as_it_is" and answer["object"] == marked(1)


def test_plain_output_is_the_objects_alone():
    done = stix("redact", "--ceiling", "TLP:GREEN", "--as", US, "-", stdin=[marked(1), marked(2, object_marking_refs=[RED])], code=1)
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["name"] == "lantern"
    assert marked(2)["id"] in done.stderr and "TLP:RED" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_the_id_can_be_given():
    ident = "indicator--99999999-9999-4999-8999-999999999999"
    (answer,) = redacted("--ceiling", "TLP:GREEN", "--id", ident, stdin=marked(1))
    assert answer["object"]["id"] == ident
    assert "--id" in stix("redact", "--ceiling", "GREEN", "--as", US, "--id", ident, "-", stdin=[marked(1), marked(2)], code=2).stderr


def test_what_hides_a_part():
    def hides(*args, marking=RED, more=()):
        thing = marked(1, granular_markings=[{"marking_ref": marking, "selectors": ["description"]}])
        return redacted(*args, stdin=[*more, thing])[-1]["outcome"] == "derived"

    assert hides("--hide", RED) and hides("--hide", "TLP:RED") and not hides("--hide", "TLP:AMBER")
    assert hides("--hide", "amber", marking=OLD_AMBER) and hides("--ceiling", "GREEN", marking=OLD_AMBER)
    assert not hides("--ceiling", "AMBER", marking=OLD_AMBER)
    # What nobody can tell the meaning of is hidden; a statement that is there restricts nobody.
    assert hides("--ceiling", "RED", marking=UNKNOWN) and not hides("--hide", RED, marking=UNKNOWN)
    statement = {
        "type": "marking-definition", "spec_version": "2.1", "id": STATEMENT, "created": "2024-01-01T00:00:00.000Z",
        "definition_type": "statement", "definition": {"statement": "Copyright North"},
    }
    assert hides("--ceiling", "RED", marking=STATEMENT)
    assert not hides("--ceiling", "RED", marking=STATEMENT, more=[statement])
    assert hides("--hide", STATEMENT, marking=STATEMENT, more=[statement])


def test_personal_data_is_stripped_by_class():
    person = {
        "type": "user-account", "spec_version": "2.1", "id": "user-account--0d5b424b-93b8-5cd8-ac36-306e1789d63c",
        "account_login": "lantern-keeper", "credential": "brass key", "account_type": "unix",
    }
    mail = {"type": "email-addr", "spec_version": "2.1", "id": "email-addr--2d77a846-6264-5d51-b586-e43822ea1ea3", "value": "keeper@example.com"}
    report = {
        "type": "report", "spec_version": "2.1", "id": "report--33333333-3333-4333-8333-333333333333", "created": "2024-01-01T00:00:00.000Z",
        "modified": "2024-01-01T00:00:00.000Z", "name": "Harbour", "published": "2024-01-01T00:00:00Z",
        "object_refs": [person["id"], mail["id"], indicator(2)["id"]],
    }
    things = [person, mail, report, indicator(2)]
    account, address, about, plain = redacted("--strip", "credentials", stdin=things)
    assert account["outcome"] == "derived" and account["stripped"] == ["credentials"]
    assert "credential" not in account["object"] and account["object"]["account_login"] == "lantern-keeper"
    assert (address["outcome"], plain["outcome"]) == ("as_it_is", "as_it_is")
    assert about["object"]["object_refs"] == [account["object"]["id"], mail["id"], indicator(2)["id"]]
    # What cannot be without it is withheld, and the reference by an id that tells the address goes.
    account, address, about, plain = redacted("--strip", "contact,account", "--strip", "credentials", stdin=things, code=1)
    assert address["outcome"] == "withheld" and address["object"] is None and plain["outcome"] == "as_it_is"
    assert about["object"]["object_refs"] == [account["object"]["id"], indicator(2)["id"]]
    for said in ("lantern-keeper", "brass key", "keeper@example.com", mail["id"][-36:], person["id"][-36:]):
        assert said not in json.dumps([account["object"], about["object"]])
    assert "phone" in stix("redact", "--strip", "contact,phone", "--as", US, "-", stdin=things, code=2).stderr


def test_references_follow_the_derived_object():
    relation = {
        "type": "relationship", "spec_version": "2.1", "id": "relationship--33333333-3333-4333-8333-333333333333",
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z", "relationship_type": "related-to",
        "source_ref": marked(1)["id"], "target_ref": indicator(2)["id"],
    }
    first, second, third = redacted("--ceiling", "GREEN", stdin=[relation, marked(1), indicator(2)])
    assert (first["outcome"], second["outcome"], third["outcome"]) == ("derived", "derived", "as_it_is")
    assert first["object"]["source_ref"] == second["object"]["id"]
    assert first["object"]["target_ref"] == indicator(2)["id"]
    assert marked(1)["id"] not in json.dumps([first["object"], second["object"]])


def test_who_names_what_is_withheld_is_withheld():
    hidden = indicator(1, object_marking_refs=[RED])
    report = {
        "type": "report", "spec_version": "2.1", "id": "report--33333333-3333-4333-8333-333333333333",
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z", "name": "r",
        "published": "2024-01-01T00:00:00Z", "object_refs": [hidden["id"], indicator(2)["id"]],
    }
    answers = redacted("--ceiling", "GREEN", stdin=[report, hidden, indicator(2)], code=1)
    assert [a["outcome"] for a in answers] == ["withheld", "withheld", "as_it_is"]
    assert answers[0]["object"] is None and "TLP:RED" in answers[1]["why"]


def test_what_cannot_be_cut_withholds_the_object():
    thing = marked(1, granular_markings=[{"marking_ref": RED, "selectors": ["pattern"]}])
    (answer,) = redacted("--ceiling", "GREEN", stdin=thing, code=1)
    assert answer["outcome"] == "withheld" and "/pattern" in answer["why"]
    elsewhere = marked(1, name="the " + SECRET)
    (answer,) = redacted("--ceiling", "GREEN", stdin=elsewhere, code=1)
    assert answer["outcome"] == "withheld" and SECRET not in answer["why"]


def test_versions_of_one_object_stay_apart():
    newer = marked(1, modified="2024-02-01T00:00:00.000Z", name="lantern two")
    one, two = redacted("--ceiling", "GREEN", stdin=[marked(1), newer])
    assert one["object"]["id"] == two["object"]["id"]
    assert one["object"]["modified"] < two["object"]["modified"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", two["object"]["modified"])


@pytest.mark.parametrize(
    "args, words",
    [
        (["--as", US], "--ceiling"),
        (["--ceiling", "GREEN"], "--as"),
        (["--ceiling", "PURPLE", "--as", US], "PURPLE"),
        (["--hide", "identity--1", "--as", US], "identity--1"),
        (["--ceiling", "GREEN", "--as", "me"], "identity--"),
        (["--ceiling", "GREEN", "--as", US, "--id", "nonsense"], "nonsense"),
    ],
)
def test_a_wrong_command_line(args, words):
    done = stix("redact", *args, "-", stdin=marked(1), code=2)
    assert done.stdout == "" and words in done.stderr
