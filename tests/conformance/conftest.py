"""Fixtures of the conformance tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from conformance_help import World  # noqa: E402


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Shared by the tests of a file; each makes collections of its own."""
    made = World(tmp_path_factory.mktemp("world") / "node")
    made.node.serve()
    yield made
    made.node.remove()


@pytest.fixture
def fresh(tmp_path):
    """A world of the test's own, not yet served: for tests that stop or kill the server."""
    made = World(tmp_path / "node")
    yield made
    made.node.remove()
