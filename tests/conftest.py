"""Fixtures for all end-to-end tests."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.node import Node  # noqa: E402


@pytest.fixture
def make_node(tmp_path):
    """Makes nodes, each in a directory of its own, and ends them after the test."""
    made = []

    def make(name="North CERT"):
        node = Node(tmp_path / f"node{len(made)}", name)
        made.append(node)
        return node

    yield make
    for node in made:
        node.remove()


@pytest.fixture
def node(make_node):
    return make_node()


@pytest.fixture
def shared_data():
    """Folder of real data that is not part of this repository."""
    path = os.environ.get("ENTENTE_SHARED_DATA", "")
    if not path or not Path(path).is_dir():
        pytest.skip("ENTENTE_SHARED_DATA names no folder: the tests on real data are left out")
    return Path(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Several tests at a time (pytest -n 2): each goes where a process is free, but those that share what was made for a file
    or for a folder stay together, or it would be made twice."""
    from xdist.scheduler import LoadScopeScheduling

    root = Path(config.rootpath)
    kept = {}

    def shares(file, scope):
        if (file, scope) not in kept:
            kept[file, scope] = file.is_file() and f'scope="{scope}"' in file.read_text(encoding="utf-8")
        return kept[file, scope]

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = root / nodeid.split("::", 1)[0]
            beside = file.parent / "conftest.py"
            if shares(beside, "session"):
                return str(file.parent)
            return str(file) if shares(file, "module") or shares(beside, "module") else nodeid

    return Scheduler(config, log)
