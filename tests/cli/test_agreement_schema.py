"""docs/agreement.schema.json, read by another's implementation of JSON schema, agrees with Entente's own reader.

agreement_test writes agreement_documents.json and judges every document in it; here the schema judges the same.
"""

import copy
import json
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "agreement.schema.json").read_text(encoding="utf-8"))
DOCUMENTS = json.loads((Path(__file__).parent / "agreement_documents.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def with_fault(fault):
    document = copy.deepcopy(DOCUMENTS["sample"])
    *path, last = fault["pointer"].split("/")[1:]
    holder = document
    for step in path:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    if isinstance(holder, list):
        last = int(last)
    if "letters" in fault:
        holder[last] = "x" * fault["letters"]
    elif "value" in fault:
        holder[last] = fault["value"]
    else:
        del holder[last]
    return document


def test_what_entente_takes_the_schema_takes(validator):
    for document in [DOCUMENTS["sample"], *DOCUMENTS["sound"]]:
        validator.validate(document)
    assert len(DOCUMENTS["sound"]) >= 20


def test_what_entente_refuses_the_schema_refuses(validator):
    taken = [f for f in DOCUMENTS["faults"] if "beyond_schema" not in f and validator.is_valid(with_fault(f))]
    assert taken == []
    assert len(DOCUMENTS["faults"]) > 600


def test_what_a_schema_has_no_words_for_is_only_that(validator):
    """Else the mark would hide a row that the schema could check."""
    refused = [f for f in DOCUMENTS["faults"] if "beyond_schema" in f and not validator.is_valid(with_fault(f))]
    assert refused == []
