"""How many observed-data a second of CPU time the reference matcher, stix2-matcher, matches against the first 1, 10 and 100
patterns of a file (one a line). Observed data (one a line, with `objects`) and patterns are parsed before. At most some
seconds for each figure.

Run: python bench/reference_match.py OBSERVED.jsonl PATTERNS.txt, where stix2-matcher is installed. scripts/bench G6 does so.
"""
import json
import sys
import time

from stix2matcher.matcher import Pattern

SECONDS_MAX = 5.0


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as lines:
        observed = [json.loads(line) for line in lines]
    with open(sys.argv[2], encoding="utf-8") as lines:
        patterns = [Pattern(line.strip(), "2.0") for line in lines]
    for count in (1, 10, 100):
        hits = done = 0
        start = time.process_time()
        while time.process_time() - start < SECONDS_MAX and done < 2 * len(observed):
            for pattern in patterns[:count]:
                hits += bool(pattern.match([observed[done % len(observed)]]))
            done += 1
        rate = done / (time.process_time() - start)
        print(f"{count:10} indicators, the reference matcher (stix2-matcher): {rate:.0f} observed-data/s, {hits} hits")


if __name__ == "__main__":
    main()
