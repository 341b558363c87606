"""The list of faults fits the source as it is, and docs/testing.md says of each which test misses it. Whether that is true is
for `scripts/soak mutants` to say, which takes long; a fault that it has not tried yet is said to be so."""

import re

import faults

TABLE = re.findall(r"^\| `([a-z-]+)` \|.*\| (`[^`]+`|not tried yet) \|$", (faults.HERE / "docs" / "testing.md").read_text(encoding="utf-8"), re.M)


def test_each_fault_has_one_place_in_the_source():
    for fault in faults.FAULTS:
        text = (faults.HERE / "src" / fault.file).read_text(encoding="utf-8")
        assert text.count(fault.old) == 1, f"{fault.name}: what it changes stands {text.count(fault.old)} times in src/{fault.file}"


def test_the_page_names_each_fault_once_and_a_test_that_is_there():
    assert sorted(name for name, _ in TABLE) == sorted(fault.name for fault in faults.FAULTS)
    sources = {}
    for name, shown in TABLE:
        if not shown.startswith("`"):
            continue
        fault = next(f for f in faults.FAULTS if f.name == name)
        module = faults.HERE / "src" / fault.program
        if fault.program not in sources:
            sources[fault.program] = " ".join(f.read_text(encoding="utf-8") for f in module.rglob("*") if f.suffix in (".cpp", ".h"))
        suite, case = shown.strip("`").split(".")
        assert re.search(rf"TEST(_F|_P)?\(\s*{suite},\s*{case}\s*\)", sources[fault.program]), f"{name}: no test {shown} in src/{fault.program}"
