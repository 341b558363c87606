"""Entente and OASIS's reference checker judge the same objects: published ones, and published ones with one thing changed.

Verdicts and the public numbers of recommendations are the same, except where tests/oasis/reference_differences.py and
docs/conformance-stix.md say otherwise and name the clause. ENTENTE_PROPERTY_CASES sets how many objects of each kind are
looked at, ENTENTE_PROPERTY_SEED which.
"""

import collections
import copy
import json
import lzma
import os
import random
import re
from pathlib import Path

import pytest
from reference_changes import change
from reference_differences import DIFFERENCES, SCOS
from stix2validator import ValidationOptions
from stix2validator.validator import validate_instance
from support.node import binary, entente

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.exceptions.RefResolutionError:DeprecationWarning")

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_CASES = 300
SEED = int(os.environ.get("ENTENTE_PROPERTY_SEED", "20261123"))
OBJECT_CHARS_MAX = 20_000  # the reference takes seconds for a large object
FILE_BYTES_MAX = 64 << 20
CODE = re.compile(r"\{(\d+)\}")


def cases():
    # Both checkers are asked; the reference judges about a hundred objects a second.
    return min(int(os.environ.get("ENTENTE_PROPERTY_CASES", DEFAULT_CASES)), 5_000)


# -- The objects


def texts(path):
    """The JSON values of a file: one, or one a line."""
    if path.stat().st_size > FILE_BYTES_MAX:
        return []
    data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    try:
        return [json.loads(data)]
    except ValueError:
        pass
    values = []
    for line in data.splitlines():
        try:
            values.append(json.loads(line))
        except ValueError:
            return []
    return values


def objects_of(value):
    if isinstance(value, list):
        for element in value:
            yield from objects_of(element)
    elif isinstance(value, dict) and isinstance(value.get("objects"), list):
        yield from (o for o in value["objects"] if isinstance(o, dict))
    elif isinstance(value, dict):
        yield value


def is_stix(value):
    kind, identifier = value.get("type"), value.get("id")
    return (
        isinstance(kind, str)
        and isinstance(identifier, str)
        and identifier.startswith(kind + "--")
        and kind != "bundle"
    )


def version_of(stix):
    """As Entente infers it; the reference is told."""
    if "spec_version" in stix:
        return "2.0" if stix["spec_version"] == "2.0" else "2.1"
    return "2.0" if "created" in stix and stix["type"] not in SCOS else "2.1"


def published():
    """All STIX objects at hand, by source, version and type."""
    folders = {"examples": ROOT / "examples"}
    shared = os.environ.get("ENTENTE_SHARED_DATA", "")
    if shared:
        folders.update((p.name, p) for p in sorted(Path(shared).iterdir()) if p.is_dir())
    found = collections.defaultdict(list)
    seen = set()
    for source, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or not path.name.endswith((".json", ".jsonl", ".json.xz")):
                continue
            for stix in (o for value in texts(path) for o in objects_of(value)):
                if not is_stix(stix):
                    continue
                text = json.dumps(stix, sort_keys=True)
                if len(text) <= OBJECT_CHARS_MAX and text not in seen:
                    seen.add(text)
                    found[source, version_of(stix), stix["type"]].append(stix)
    return found


@pytest.fixture(scope="module")
def groups():
    return published()


def draw(groups, chance, count):
    """Objects of every group in turn, so that rare types are seen as often as common ones."""
    order = sorted(groups)
    return [chance.choice(groups[order[i % len(order)]]) for i in range(count)]


# -- The two checkers


def reference(stix, version):
    """(valid, errors, warnings by code); valid is None when it gives up."""
    options = ValidationOptions(version=version, silent=True)
    try:
        result = validate_instance(copy.deepcopy(stix), options)
    except Exception as error:  # it raises what Python raises on values of types that it does not expect
        return None, [f"{type(error).__name__}: {error}"], {}
    warnings = collections.defaultdict(list)
    for warning in map(str, result.warnings):
        code = CODE.search(warning)
        if code:
            warnings[int(code.group(1))].append(warning)
    return result.is_valid, [str(e) for e in result.errors], warnings


def judged(objects):
    """What `entente validate` says of each."""
    done = entente(
        "validate", "--each-line", "--json", "-", stdin="".join(json.dumps(o) + "\n" for o in objects), check=False
    )
    assert done.returncode in (0, 2), done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["line"] for a in answers] == list(range(1, len(objects) + 1))
    return answers


def text_of(finding):
    return f"{finding['rule']} {finding['pointer']} {finding['message']}"


def is_explained(side, code, text, stix):
    return any(d.explains(side, code, text, stix) for d in DIFFERENCES)


def unexplained(stix, answer, verdict, errors, warnings):
    """What the two differ in and the table does not say."""
    musts = [text_of(f) for f in answer["findings"] if f["level"] == "must"]
    assert answer["valid"] == (not musts)
    if verdict and musts:
        return [("entente refuses", m) for m in musts if not is_explained("entente", None, m, stix)]
    if not verdict:
        if musts:
            return []
        return [("the reference refuses", e) for e in errors if not is_explained("reference", None, e, stix)]
    found = collections.defaultdict(list)
    for finding in answer["findings"]:
        # 101 and 102 are one rule in two strengths; the reference asks for one of them, in 2.0 only.
        if finding["code"] and finding["code"] not in (101, 102):
            found[finding["code"]].append(text_of(finding))
    out = []
    for code in set(warnings) - set(found) - {101}:
        out += [("the reference says", w) for w in warnings[code] if not is_explained("reference", code, w, stix)]
    for code in set(found) - set(warnings):
        out += [(f"entente says {code}", t) for t in found[code] if not is_explained("entente", code, t, stix)]
    return out


def expect_agreement(objects, versions, origins):
    answers = judged(objects)
    problems, gave_up = [], 0
    for stix, version, origin, answer in zip(objects, versions, origins, answers):
        verdict, errors, warnings = reference(stix, version)
        if verdict is None:
            gave_up += 1
            continue
        for who, what in unexplained(stix, answer, verdict, errors, warnings):
            problems.append(f"{who}: {what}\n  {origin} {json.dumps(stix)[:1500]}")
    assert not problems, f"seed {SEED}: {len(problems)} of {len(objects)}\n" + "\n".join(problems[:10])
    assert gave_up <= len(objects) // 10


# -- The tests


def test_published_objects_are_judged_alike(groups):
    objects = draw(groups, random.Random(SEED), cases())
    expect_agreement(objects, [version_of(o) for o in objects], ["published"] * len(objects))


def test_changed_objects_are_judged_alike(groups):
    chance = random.Random(SEED + 1)
    objects, versions, origins = [], [], []
    for stix in draw(groups, chance, 3 * cases()):
        changed, what = change(stix, chance)
        # What a text is held against must be the same for both.
        if is_stix(changed) and version_of(changed) == version_of(stix):
            objects.append(changed)
            versions.append(version_of(stix))
            origins.append(what)
    expect_agreement(objects, versions, origins)


@pytest.mark.parametrize(
    "difference", DIFFERENCES, ids=lambda d: f"{d.name}-{d.side}-{d.code or 'verdict'}".replace(" ", "_")
)
def test_differences_are_as_written(difference):
    stix = difference.example
    (answer,) = judged([stix])
    verdict, errors, warnings = reference(stix, version_of(stix))
    musts = [text_of(f) for f in answer["findings"] if f["level"] == "must"]
    if difference.code is None:
        refuses = {"entente": bool(musts), "reference": not verdict}
        other = "reference" if difference.side == "entente" else "entente"
        assert refuses == {difference.side: True, other: False}, (musts, errors)
        told = musts if difference.side == "entente" else errors
        assert all(is_explained(difference.side, None, text, stix) for text in told), told
        assert any(difference.explains(difference.side, None, text, stix) for text in told), told
        return
    assert verdict and not musts, (musts, errors)
    said = {
        "entente": [text_of(f) for f in answer["findings"] if f["code"] == difference.code],
        "reference": warnings.get(difference.code, []),
    }
    other = "reference" if difference.side == "entente" else "entente"
    assert not said[other], said
    assert any(difference.explains(difference.side, difference.code, t, stix) for t in said[difference.side]), said


def test_the_page_lists_every_difference():
    page = (ROOT / "docs" / "conformance-stix.md").read_text(encoding="utf-8")
    section = page.split("## Where the reference checker differs", 1)[1].split("\n## ", 1)[0]
    rows = {line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")} - {"what"}
    assert rows == {d.name for d in DIFFERENCES}


def test_the_program_is_there():
    assert Path(binary()).exists()
