"""Fixtures of the replayed clients."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from field import Field  # noqa: E402
from rows import run_row  # noqa: E402


@pytest.fixture(scope="session")
def field(tmp_path_factory):
    made = Field(tmp_path_factory.mktemp("field") / "node")
    made.node.serve("--key-header", "X-Api-Key")
    yield made
    made.node.remove()


@pytest.fixture(scope="session")
def scene(field):
    """A filled collection for tests that read."""
    made = field.scene("--default-marking", "TLP:GREEN", "--alias", "the-alias")
    made.may("--read", "--write")
    made.fill()
    return made


@pytest.fixture(scope="session")
def result_of(field):
    """Runs a row once, whoever asks first."""
    done = {}

    def run(row):
        key = (row.product, row.version)
        if key not in done:
            done[key] = run_row(field, row)
        return done[key]

    return run
