"""A server that is killed in the middle of its work keeps what it promised."""

import os
import random

from crash import run


def test_killed_server_loses_nothing_acknowledged_and_repeats_nothing(tmp_path):
    rounds = int(os.environ.get("ENTENTE_CRASH_ROUNDS", "30"))
    seed = int(os.environ.get("ENTENTE_SEED", random.SystemRandom().randrange(1 << 30)))
    print(f"seed {seed}")
    run(rounds, seed, tmp_path)
