"""How many of the STIX objects in a file (one a line) the reference checker, stix2-validator, checks a second of CPU time: the
best of some rounds. They are parsed before.

Run: python bench/reference_check.py OBJECTS.jsonl, where stix2-validator is installed. scripts/bench G5 does so.
"""
import json
import logging
import sys
import time

import stix2validator

ROUNDS = 3


def main() -> None:
    logging.disable(logging.CRITICAL)
    with open(sys.argv[1], encoding="utf-8") as lines:
        objects = [json.loads(line) for line in lines]
    options = stix2validator.ValidationOptions(version="2.1")
    valid = stix2validator.validate_instance(objects[0], options)  # reads its schemas
    if not valid.is_valid:
        sys.exit(f"the reference finds the sample unsound: {valid.errors}")
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        for one in objects:
            stix2validator.validate_instance(one, options)
        best = max(best, len(objects) / (time.process_time() - start))
    print(f"{best:.1f}")


if __name__ == "__main__":
    main()
