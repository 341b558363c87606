"""Runs fuzz targets for a while each, some at a time, and writes what became of them as JUnit.

A target begins with the inputs of fuzz/seeds/NAME and with what earlier runs of the same build found. One that crashes, leaks,
takes 25 s or 2 GiB for an input, or runs nothing has failed: the end of its log and the input are printed, the input in base64
so that it can be made a file again anywhere: `base64 -d > input; build/asan/fuzz/NAME input`.
As a program: fuzz.py BUILD-DIR REPORTS SECONDS [--seed N] [--at-once N] [TARGET…]; all targets without names, one for each
processor at a time.
"""

import argparse
import base64
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as tree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Of the clock: several targets share a processor.
INPUT_SECONDS = 25
MEMORY_MIB = 2048
# What loading the seeds and ending may take beside the time that was asked for.
GRACE_SECONDS = 120
SHOWN_BYTES = 1 << 16


@dataclass
class Ran:
    target: str
    seconds: float
    inputs: int
    failure: str  # empty = none


def run(target, build, reports, seconds, seed):
    corpus = build / "fuzz" / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    found = build / "fuzz" / "found" / target
    found.mkdir(parents=True, exist_ok=True)
    for old in found.iterdir():
        old.unlink()
    command = [
        build / "fuzz" / target,
        f"-max_total_time={seconds}",
        f"-timeout={INPUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        "-print_final_stats=1",
        f"-artifact_prefix={found}/",
        *([f"-seed={seed}"] if seed else []),
        corpus,
        ROOT / "fuzz" / "seeds" / target,
    ]
    # Freed memory that is kept to notice its use: enough for what one input needs, and not for all before it.
    surroundings = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=32"}
    since = time.monotonic()
    log = reports / f"fuzz-{target}.log"
    with open(log, "wb") as out:
        try:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=surroundings, timeout=seconds + GRACE_SECONDS, check=False).returncode
        except subprocess.TimeoutExpired:
            code = -1
    text = log.read_text(errors="replace")
    count = re.search(r"^stat::number_of_executed_units: +(\d+)", text, re.M)
    inputs = int(count.group(1)) if count else 0
    failure = ""
    if code != 0 or inputs == 0:
        failure = f"{target} ended with {code} after {inputs} inputs\n" + "\n".join(line[:400] for line in text.splitlines()[-60:])
        for file in sorted(found.iterdir()):
            bytes_of = file.read_bytes()
            shown = base64.b64encode(bytes_of[:SHOWN_BYTES]).decode()
            failure += f"\n{file.name}, {len(bytes_of)} bytes in base64:\n{shown}"
    return Ran(target, time.monotonic() - since, inputs, failure)


def write_report(file, results):
    suite = tree.Element("testsuite", name="fuzz", tests=str(len(results)), failures=str(sum(bool(r.failure) for r in results)))
    for ran in results:
        case = tree.SubElement(suite, "testcase", classname="fuzz", name=ran.target, time=f"{ran.seconds:.1f}")
        if ran.failure:
            tree.SubElement(case, "failure", message=f"{ran.target} failed").text = re.sub(r"[^\t\n\x20-\ufffd]", "?", ran.failure)
    tree.ElementTree(suite).write(file, encoding="unicode")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("build", type=Path)
    arguments.add_argument("reports", type=Path)
    arguments.add_argument("seconds", type=int)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--at-once", type=int, default=os.cpu_count())
    arguments.add_argument("targets", nargs="*")
    given = arguments.parse_args()
    targets = given.targets or sorted(file.stem for file in (ROOT / "fuzz").glob("*_fuzz.cpp"))
    given.reports.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(given.at_once) as pool:
        # libFuzzer takes 32 bits; 0 is its own choice.
        runs = [pool.submit(run, t, given.build.resolve(), given.reports, given.seconds, given.seed % 2**32) for t in targets]
        results = []
        for ended in runs:
            ran = ended.result()
            results.append(ran)
            print(f"{ran.target}: {'FAILED' if ran.failure else 'ok'}, {ran.inputs:,} inputs in {ran.seconds:.0f} s", flush=True)
            if ran.failure:
                print(ran.failure, flush=True)
    write_report(given.reports / "fuzz.xml", results)
    return 1 if any(r.failure for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
