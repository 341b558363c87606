"""Puts small faults into a copy of the source, one at a time, and demands that a test turns red each time.

The copy is a work tree of the last commit under build/faults, built once; for each fault the changed file is compiled, its test
program linked and the tests named run, from few to all of that program, until one is red. What no test misses is printed, and
the end is 1. A fault that does not compile counts as an error of this list, and so does a test that is red without any.
As a program: faults.py [NAME…]; all of them without a name, and `--list` says what there is.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
COPY = HERE / "build" / "faults" / "source"
# As a clone of its own would be built, so that what is compiled elsewhere with the same cache of compilations counts here too.
BUILD = COPY / "build" / "dev"
COMPILING = os.environ | {"CCACHE_BASEDIR": str(COPY), "CCACHE_NOHASHDIR": "1"}
# A fault may make a program wait for ever.
TEST_SECONDS = 900


@dataclass
class Fault:
    name: str
    file: str  # below src/
    old: str  # stands there exactly once
    new: str
    program: str  # agreement = agreement_test
    tests: str = "*"  # looked at first


FAULTS = [
    # ---- the way out
    Fault("gate-lets-all-classes-pass", "agreement/release.cpp", "if (!view_.releases(entry.cls)) return false;", "", "agreement", "Gate.*"),
    Fault("gate-shows-closed-stretches", "agreement/release.cpp", "if (!entry.late && !view_.shows(entry.cls, entry.seq)) return false;", "", "agreement", "Gate.*"),
    Fault("next-without-more", "agreement/release.cpp", "if (tail.more && !tail.next.empty())", "if (!tail.next.empty())", "agreement", "Gate.*"),
    # ---- the decision
    Fault("one-marking-of-two-is-checked", "agreement/terms.cpp", "    for (const std::string& id : facets.markings) {\n", "    for (const std::string& id : facets.markings) {\n        if (&id != &facets.markings.front()) break;\n", "agreement"),
    Fault("amber-passes-every-ceiling", "agreement/terms.cpp", "if (*level > ceiling) return {Reason::marking_above_ceiling, id};", "if (*level > ceiling && *level != stix::Tlp::amber) return {Reason::marking_above_ceiling, id};", "agreement"),
    Fault("parts-are-not-looked-at", "agreement/terms.cpp", "if (*level > ceiling || too_red(*level))\n                return {Reason::granular_marking_above_ceiling, id};", "", "agreement"),
    Fault("without-a-marking-it-is-clear", "agreement/terms.cpp", "if (!has_tlp && terms.default_marking > ceiling)", "if (!has_tlp && terms.default_marking > ceiling && false)", "agreement"),
    Fault("kept-copies-are-for-everybody", "agreement/terms.cpp", "if (facets.held_for != PartyNo{} && facets.held_for != terms.party) {", "if (facets.held_for != PartyNo{} && false) {", "agreement"),
    Fault("names-of-withheld-objects-are-told", "agreement/terms.cpp", "if (soonest == never) {", "if (soonest == never && false) {", "agreement"),
    Fault("onward-ceiling-is-forgotten", "agreement/terms.cpp", "    measure.ceiling = std::min(measure.ceiling, at->ceiling);\n", "", "agreement"),
    Fault("personal-data-is-given", "agreement/terms.cpp", "    if ((facets.personal & way.strip) != 0) return {Reason::personal_data};\n", "", "agreement"),
    Fault("longest-of-two-delays", "agreement/terms.cpp", "hours = std::min(hours, measure.hours);", "hours = hours == never ? measure.hours : std::max(hours, measure.hours);", "agreement"),
    Fault("anybodys-statement-marking-counts", "agreement/terms.cpp", "return p == PartyNo{} || p == source;", "return p == PartyNo{} || p == source || true;", "agreement"),
    # ---- what was signed
    Fault("a-version-is-replaced-after-all-signed", "agreement/life.cpp", "    if (document.version <= agreed.size()) {\n", "    if (document.version <= agreed.size() && false) {\n", "agreement", "Life.*"),
    Fault("anybody-takes-a-suspension-back", "agreement/life.cpp", "        if (which->pid != pid) {\n", "        if (which->pid != pid && false) {\n", "agreement", "Life.*"),
    Fault("who-left-still-speaks", "agreement/life.cpp", "    if (now.left.contains(pid))\n", "    if (now.left.contains(pid) && false)\n", "agreement", "Life.*"),
    Fault("a-statement-of-another-agreement-counts", "agreement/life.cpp", "    if (statement.id != id_)\n", "    if (statement.id != id_ && false)\n", "agreement", "Life.*"),
    # ---- publishing and deleting
    Fault("confirmed-before-it-is-on-the-disk", "exchange/writer.cpp", "            commit(group);\n            for (Job& job : group) {\n", "            for (Job& job : group) {\n                tell(job.done, nullptr);\n                job.done = [](std::exception_ptr) {};\n            }\n            commit(group);\n            for (Job& job : group) {\n", "exchange", "*riter*"),
    Fault("another-content-under-one-version", "exchange/internal/publish_job.cpp", "        if (same->digest == object.digest) {\n            message = \"already there, unchanged\";\n            return Verdict::duplicate;\n        }\n        // T91", "        if (same->digest == object.digest || true) {\n            message = \"already there, unchanged\";\n            return Verdict::duplicate;\n        }\n        // T91", "exchange"),
    Fault("anybody-versions-anothers-object", "exchange/internal/publish_job.cpp", "    if (anothers && others_known) {\n", "    if (anothers && others_known && false) {\n", "exchange"),
    Fault("a-strangers-created-by", "exchange/internal/publish_job.cpp", "    if (foreign_card) {\n", "    if (foreign_card && false) {\n", "exchange"),
    Fault("a-revoked-object-comes-back", "exchange/internal/publish_job.cpp", "} else if (other.revoked && other.version_key < object.version_key) {", "} else if (other.revoked && other.version_key < object.version_key && false) {", "exchange"),
    Fault("what-may-not-be-sent-is-taken", "exchange/internal/publish_job.cpp", "    if (!may.releases()) {\n", "    if (!may.releases() && false) {\n", "exchange"),
    Fault("anybody-deletes", "exchange/internal/remove_job.cpp", "        if (custodian != user.party) {\n", "        if (custodian != user.party && false) {\n", "exchange"),
    Fault("a-bare-delete-takes-the-newest-only", "exchange/internal/remove_job.cpp", ".all = !newest_only_by_default, .first = false, .last = newest_only_by_default,", ".all = newest_only_by_default, .first = false, .last = !newest_only_by_default,", "exchange"),
    Fault("redacted-copies-stay-after-a-delete", "exchange/internal/remove_job.cpp", "        if (gone.contains(d.version_key)) made[d.id].push_back(d.seq);\n", "        if (gone.contains(d.version_key) && false) made[d.id].push_back(d.seq);\n", "exchange"),
    # ---- who asks
    Fault("a-cursor-of-another-user", "exchange/internal/cursor.cpp", "agreement::raw(user), agreement::raw(collection));", "0 * agreement::raw(user), agreement::raw(collection));", "exchange"),
    Fault("a-revoked-token-lives", "exchange/login.cpp", "token != nullptr && !token->revoked &&\n", "token != nullptr &&\n", "exchange", "*Login*"),
    Fault("tokens-never-expire", "exchange/login.cpp", "(!token->expires || clock.now() < *token->expires);", "(!token->expires || clock.now() < *token->expires || true);", "exchange", "*Login*"),
    Fault("an-empty-answer-outlives-commits", "exchange/internal/pulse.cpp", "if (!state_ || mark_ != *now) return nullptr;", "if (!state_) return nullptr;", "taxii", "ServiceAgain.*"),
    Fault("an-empty-answer-outlives-its-login", "exchange/exchange.cpp", "if (then.expires && now >= *then.expires) return false;", "", "taxii", "ServiceAgain.*"),
    Fault("an-old-login-is-kept-for-a-new-state", "exchange/exchange.cpp", "if (!found.more && caller.state->directory.generation == state->directory.generation)", "if (!found.more)", "taxii", "ServiceAgain.*"),
    Fault("a-disabled-user-logs-in", "exchange/login.cpp", "if (user == nullptr || user->disabled) return refused();", "if (user == nullptr) return refused();", "exchange", "*Login*"),
    Fault("a-stopped-user-logs-in", "exchange/login.cpp", "if (state->stops.of(*user) != nullptr) return refused();", "", "exchange", "StopTest.*"),
    Fault("a-record-lists-nothing", "exchange/disclosure.cpp", 'facts["entries"] = entry_list(handed.entries);', 'facts["entries"] = "";', "exchange", "GivenTest.*"),
    # ---- the store
    Fault("a-date-is-used-twice", "store/sqlite/internal/transaction.cpp", "head.next_base = base + static_cast<std::int64_t>(entries.size());", "head.next_base = base + (static_cast<std::int64_t>(entries.size()) - 1);", "store", "*ontract*"),
    Fault("dates-fall-behind-the-last", "store/sqlite/internal/transaction.cpp", "const Micros base = std::max(not_before, head.next_base);", "const Micros base = not_before;", "store", "*ontract*"),
    # ---- requests
    Fault("a-parameter-twice", "taxii/query.cpp", "            if (place) {\n", "            if (place && false) {\n", "taxii", "Query*"),
    Fault("only-the-first-value-of-a-filter", "taxii/query.cpp", "        rest.remove_prefix(comma + 1);\n", "        return values;\n", "taxii", "Query*"),
    # ---- what partners are told, what is pulled from them
    Fault("a-draft-is-told-to-whom-it-names", "exchange/outbox.cpp", "if (own_signed(standing.next)) add(standing.next);", "if (own_signed(standing.next) || true) add(standing.next);", "exchange", "Outbox.*"),
    Fault("a-page-is-noted-before-it-is-kept", "taxii/client/pull.cpp", "            ENTENTE_TRY(const Taken taken, plan_.sink(fresh));\n", "            for (const std::string& mark : marks)\n                recent_.add(mark);\n            save();\n            ENTENTE_TRY(const Taken taken, plan_.sink(fresh));\n", "taxii", "Pull.*"),
    # ---- who is asked for, who asks too often
    Fault("a-claimed-address-is-believed", "http/forwarded.cpp", "    if (!is_proxy(peer, trusted)) return peer;\n", "    if (!parse_ip(peer)) return peer;\n", "http", "Forwarded.*"),
    Fault("a-refused-login-costs-one-request", "ops/rate_limits.cpp", "limits::rate_failed_login_cost - 1\n", "0\n", "ops", "Limits.*"),
    # ---- when more comes than can be done
    Fault("a-body-is-read-for-which-there-is-no-room", "taxii/service.cpp", "if (!place) return refuse(Error{Errc::overloaded, {}});", "if (!place) place.emplace();", "taxii", "ServiceBusy.*"),
    Fault("a-refused-body-is-taken-for-requests", "http/server.cpp", "if (go_on && drops) go_on = co_await drop_body();", "", "http", "LaterTest.*"),
    Fault("one-publisher-shuts-out-the-others", "exchange/intake.cpp", "return first && pace.us_for(waiting.cost) <= 2 * wait_us_max;", "return false;", "exchange", "IntakeTest.*"),
    # ---- what sensors get
    Fault("own-assets-are-blocked", "feed/feed.cpp", "        if (guard.own != nullptr && guard.own->covers(value)) return Drop::own_asset;\n", "", "feed", "Refusal.*"),
    Fault("what-is-revoked-stays-in-the-feed", "feed/feed.cpp", "    if (read.revoked) return Drop::revoked;\n", "", "feed", "Collector.*"),
    # ---- what matches
    Fault("an-indicator-matches-after-its-end", "match/watch.cpp", "|| !(first < validity.until))) {", "|| (!(first < validity.until) && false))) {", "match", "WatchBounds.*"),
]


def output(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def build_command(*programs):
    jobs = os.environ.get("ENTENTE_JOBS", str(os.cpu_count()))
    return ["cmake", "--build", str(BUILD), "-j", jobs, "--target", *[f"{p}_test" for p in programs]]


def prepare(programs):
    """The copy as the last commit has it, built."""
    if not (COPY / ".git").exists():
        COPY.parent.mkdir(parents=True, exist_ok=True)
        output(["git", "-C", str(HERE), "worktree", "prune"])
        done = output(["git", "-C", str(HERE), "worktree", "add", "--detach", "--force", str(COPY), "HEAD"])
        if done.returncode != 0:
            sys.exit(f"faults.py: no copy of the source: {done.stderr}")
    else:
        head = output(["git", "-C", str(HERE), "rev-parse", "HEAD"]).stdout.strip()
        subprocess.run(["git", "-C", str(COPY), "checkout", "--quiet", "--force", "--detach", head], check=True)
    # Linking is most of the work: the quickest linker that there is.
    folder = Path("/usr/lib/llvm-14/bin")
    linker = [f"-DCMAKE_EXE_LINKER_FLAGS=-B{folder} -fuse-ld=lld"] if (folder / "ld.lld").exists() else []
    subprocess.run(["cmake", "--preset", "dev", *linker], check=True, stdout=subprocess.DEVNULL, cwd=COPY, env=COMPILING)
    subprocess.run(build_command(*sorted(programs)), check=True, env=COMPILING)


def red(program, tests):
    """Names of tests that fail, the first few; "(it ended)" for a program that dies or does not end."""
    surroundings = os.environ | {"ENTENTE_PROPERTY_CASES": "30", "ENTENTE_FAULT_ROUNDS": "3", "ENTENTE_SEED": "1"}
    path = BUILD / "src" / program / f"{program}_test"
    try:
        done = output([str(path), f"--gtest_filter={tests}", "--gtest_fail_fast"], env=surroundings, timeout=TEST_SECONDS, cwd=COPY)
    except subprocess.TimeoutExpired:
        return ["(it does not end)"]
    found = list(dict.fromkeys(re.findall(r"^\[  FAILED  \] (\w[\w/]*\.[\w/]+)", done.stdout, re.M)))
    return found or (["(it ended)"] if done.returncode != 0 else [])


def try_one(fault):
    file = COPY / "src" / fault.file
    text = file.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        return None, f"what it changes stands {text.count(fault.old)} times in src/{fault.file}"
    file.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    try:
        done = output(build_command(fault.program), env=COMPILING)
        if done.returncode != 0:
            return None, "does not compile:\n" + done.stdout[-2000:]
        for tests in dict.fromkeys((fault.tests, "*")):
            missed = red(fault.program, tests)
            if missed:
                return missed, None
        return [], None
    finally:
        file.write_text(text, encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--list", action="store_true")
    given = arguments.parse_args()
    unknown = set(given.names) - {f.name for f in FAULTS}
    if unknown:
        arguments.error(f"there is no fault {', '.join(sorted(unknown))}; see --list")
    chosen = [f for f in FAULTS if not given.names or f.name in given.names]
    if given.list:
        for fault in chosen:
            print(f"{fault.name}  src/{fault.file}  {fault.program}_test")
        return 0
    prepare({f.program for f in chosen})
    for program in sorted({f.program for f in chosen}):
        if missed := red(program, "*"):
            sys.exit(f"faults.py: {program}_test fails without any fault: {', '.join(missed[:3])}")
    survivors, broken = [], []
    for number, fault in enumerate(chosen, 1):
        since = time.monotonic()
        missed, error = try_one(fault)
        if error:
            broken.append(fault.name)
            told = f"ERROR: {error}"
        elif not missed:
            survivors.append(fault.name)
            told = "SURVIVED"
        else:
            told = "red: " + ", ".join(missed[:3])
        print(f"[{number}/{len(chosen)}] {fault.name}, {time.monotonic() - since:.0f} s: {told}", flush=True)
    print(f"{len(chosen)} faults, {len(survivors)} survived, {len(broken)} could not be tried")
    for name in survivors + broken:
        print(f"  {name}")
    return 1 if survivors or broken else 0


if __name__ == "__main__":
    sys.exit(main())
