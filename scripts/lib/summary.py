"""Adds up the JUnit reports of a test run; prints what failed or was skipped, then one line "N passed, N failed"."""

import sys
import xml.etree.ElementTree as tree
from pathlib import Path


def main():
    reports = Path(sys.argv[1])
    broken = sys.argv[2:]
    passed, failed, skipped = 0, [f"{step} (did not run)" for step in broken], []
    for file in sorted(reports.glob("*.xml")):
        for case in tree.parse(file).getroot().iter("testcase"):
            name = f"{file.stem}: {case.get('classname', '')}.{case.get('name', '')}"
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append(name)
            elif case.find("skipped") is not None or case.get("result") == "skipped":
                skipped.append((name, case.find("skipped")))
            elif case.get("status", "run") == "run":
                passed += 1
    for name, why in skipped:
        reason = why.get("message", "") if why is not None else ""
        print(f"skipped: {name} {reason}".rstrip())
    for name in failed:
        print(f"FAILED: {name}")
    if passed == 0 and not failed:
        failed.append("nothing ran")
    tail = f", {len(skipped)} skipped" if skipped else ""
    print(f"{passed} passed, {len(failed)} failed{tail}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
