"""A replay that cannot fail proves nothing: each rule's test, and each client's run, meets a server that breaks what it stands for,
and must turn red."""

import copy
import json
import re

import posters
import pytest
import readers
import sent_objects
import test_rules
from field import SMALL_BYTES, secret
from rows import run_poster, run_reader
from spoiled import Spoiled, refusal
from test_rules import TAXII, UNKNOWN, Caller

# -- faults


def none(asked, forward):
    return forward(asked)


def each_page(change):
    """Changes the JSON of every page of objects, versions or records."""

    def spoil(asked, forward):
        told = forward(asked)
        if asked.method == "GET" and told.status == 200 and re.search(r"/(objects|manifest|versions)/?(\?|$)", asked.target):
            body = json.loads(told.body)
            change(body, asked)
            told.body = json.dumps(body).encode()
        return told

    spoil.__name__ = change.__name__
    return spoil


def no_plain_accept(asked, forward):
    return forward(asked) if "version=2.1" in asked.header("Accept") else refusal(406)


def another_content_type(asked, forward):
    return forward(asked).with_header("Content-Type", "application/json")


def redirects_to_the_slash(asked, forward):
    path = asked.target.split("?")[0]
    return forward(asked) if path.endswith("/") else refusal(301, Location=path + "/")


def only_basic_with_a_capital(asked, forward):
    given = asked.header("Authorization")
    return forward(asked) if not given or given.startswith(("Basic ", "Bearer ", "Token ")) else refusal(401, WWW_Authenticate="Basic")


def no_challenge(asked, forward):
    return forward(asked).without("www-authenticate")


def empty_next_is_a_cursor(asked, forward):
    return refusal(400) if re.search(r"[?&]next=(&|$)", asked.target) else forward(asked)


def large_limits_are_refused(asked, forward):
    limit = re.search(r"limit=(\d{5,})", asked.target)
    return refusal(400) if limit and int(limit.group(1)) > 10_000 else forward(asked)


def forgetful():
    seen = set()

    def a_cursor_works_once(asked, forward):
        cursor = re.search(r"[?&]next=([^&]+)", asked.target)
        if cursor and cursor.group(1) in seen:
            return refusal(400)
        seen.update(cursor.groups() if cursor else ())
        return forward(asked)

    return a_cursor_works_once


def strict():
    given = {}

    def another_added_after_is_refused(asked, forward):
        cursor, after = re.search(r"[?&]next=([^&]+)", asked.target), re.search(r"added_after=([^&]+)", asked.target)
        if cursor and after and given.get(cursor.group(1)) != after.group(1):
            return refusal(400)
        told = forward(asked)
        if b'"next"' in told.body:
            given[json.loads(told.body)["next"]] = after and after.group(1)
        return told

    return another_added_after_is_refused


@each_page
def no_next_on_manifests(body, asked):
    if "/manifest" in asked.target:
        body.pop("next", None)


@each_page
def next_on_the_last_page(body, asked):
    body.setdefault("next", "the-end")


@each_page
def more_for_others(body, asked):
    body["more"] = bool(body.get("objects"))


def no_date_of_the_last(asked, forward):
    return forward(asked).without("x-taxii-date-added-last")


@each_page
def dates_in_milliseconds(body, asked):
    for one in body.get("objects", []):
        if "date_added" in one:
            one["date_added"] = one["date_added"][:23] + "Z"


def no_offsets(asked, forward):
    return refusal(400) if re.search(r"added_after=[^&]*(\+|%2[Bb]|%20)", asked.target) else forward(asked)


@each_page
def empty_lists(body, asked):
    body.setdefault("objects", [])


def two_bytes(asked, forward):
    told = forward(asked)
    told.body = told.body.strip()
    return told


def one_title_for_all(asked, forward):
    told = forward(asked)
    told.body = re.sub(rb'"title":"Feed [^"]+"', b'"title":"Feed"', told.body)
    return told


def statuses_cut_short(asked, forward):
    told = forward(asked)
    if told.status == 202:
        body = json.loads(told.body)
        body["successes"] = body["successes"][:1]
        told.body = json.dumps(body).encode()
    return told


def no_bundles(asked, forward):
    return refusal(422) if asked.body.startswith(b'{"type": "bundle"') else forward(asked)


def no_chunks(asked, forward):
    return refusal(411) if asked.header("Transfer-Encoding") else forward(asked)


def tells_forbidden_from_unknown(asked, forward):
    told = forward(asked)
    return refusal(403) if told.status == 404 and UNKNOWN not in asked.target else told


def speaks_2_0(asked, forward):
    asked.headers = [(name, TAXII if "vnd.oasis" in value else value) for name, value in asked.headers]
    return forward(asked)


def pages_of_a_thousand(asked, forward):
    asked.target = re.sub(r"limit=\d{5,}", "limit=1000", asked.target)
    return forward(asked)


def a_poll_reads_everything(asked, forward):
    if "added_after" in asked.target:
        whole = copy.copy(asked)
        whole.target = asked.target.split("?")[0] + "?limit=10000"
        forward(whole)
    return forward(asked)


@each_page
def pages_lose_their_last(body, asked):
    if len(body.get("objects", [])) > 1:
        body["objects"].pop()


@each_page
def revocations_stay(body, asked):
    if "objects" in body:
        body["objects"] = [one for one in body["objects"] if not one.get("revoked")]


@each_page
def shows_a_secret(body, asked):
    if "objects" in body:
        body["objects"].append(secret(1))


def no_slash_no_answer(asked, forward):
    return forward(asked) if asked.target.split("?")[0].endswith("/") else refusal(404)


def no_key_header(asked, forward):
    return refusal(401, WWW_Authenticate="Basic") if asked.header("X-Api-Key") else forward(asked)


def bodies_of_half_the_size(asked, forward):
    return refusal(413) if len(asked.body) > SMALL_BYTES // 2 else forward(asked)


# -- rules

RULES = [
    (test_rules.test_rule_01_accepts_every_accept_but_another_version_and_always_answers_in_2_1, no_plain_accept),
    (test_rules.test_rule_01_accepts_every_accept_but_another_version_and_always_answers_in_2_1, another_content_type),
    (test_rules.test_rule_02_reads_slashes_and_encodings_as_they_are_meant_and_never_redirects, redirects_to_the_slash),
    (test_rules.test_rule_03_takes_credentials_as_they_are_sent_and_challenges_otherwise, only_basic_with_a_capital),
    (test_rules.test_rule_03_takes_credentials_as_they_are_sent_and_challenges_otherwise, no_challenge),
    (test_rules.test_rule_03_takes_credentials_as_they_are_sent_and_challenges_otherwise, no_key_header),
    (test_rules.test_rule_04_takes_an_empty_next_for_none_and_clamps_a_large_limit, empty_next_is_a_cursor),
    (test_rules.test_rule_04_takes_an_empty_next_for_none_and_clamps_a_large_limit, large_limits_are_refused),
    (test_rules.test_rule_05_cursors_carry_filter_and_place_and_can_be_used_again, forgetful()),
    (test_rules.test_rule_05_a_newer_added_after_beside_an_old_cursor_is_a_bound_of_its_own, strict()),
    (test_rules.test_rule_06_more_comes_with_next_and_with_another_object_for_this_reader, no_next_on_manifests),
    (test_rules.test_rule_06_more_comes_with_next_and_with_another_object_for_this_reader, next_on_the_last_page),
    (test_rules.test_rule_06_more_comes_with_next_and_with_another_object_for_this_reader, more_for_others),
    (test_rules.test_rule_07_dates_are_unique_and_rise_and_both_headers_come_with_objects, no_date_of_the_last),
    (test_rules.test_rule_07_dates_are_unique_and_rise_and_both_headers_come_with_objects, dates_in_milliseconds),
    (test_rules.test_rule_08_reads_dates_as_they_are_written, no_offsets),
    (test_rules.test_rule_09_an_empty_result_has_no_list_and_more_than_two_bytes, empty_lists),
    (test_rules.test_rule_09_an_empty_result_has_no_list_and_more_than_two_bytes, two_bytes),
    (test_rules.test_rule_10_titles_roots_and_aliases_tell_one_from_another, one_title_for_all),
    (test_rules.test_rule_11_status_lists_are_whole_and_sums_right, statuses_cut_short),
    (test_rules.test_rule_12_takes_bodies_as_they_are_sent, no_bundles),
    (test_rules.test_rule_12_takes_chunks_and_an_expectation, no_chunks),
    (test_rules.test_rule_13_another_version_is_406_and_forbidden_looks_like_unknown, tells_forbidden_from_unknown),
    (test_rules.test_rule_13_another_version_is_406_and_forbidden_looks_like_unknown, speaks_2_0),
    (test_rules.test_rule_14_serves_ten_thousand_objects_in_a_page, pages_of_a_thousand),
    (test_rules.test_rule_15_an_empty_poll_costs_a_fraction_of_a_page, a_poll_reads_everything),
]


def behind(scene, spoiled):
    """The same scene, met through the faulty server."""
    other = copy.copy(scene)
    other.url = spoiled.url
    return other


@pytest.fixture
def faulty(field):
    made = []

    def start(spoil):
        made.append(Spoiled(field.node.url, spoil))
        return made[-1]

    yield start
    for one in made:
        one.stop()


def meet(rule, field, scene, spoiled):
    """Runs a rule's test against the faulty server."""
    given = {}
    for name in rule.__code__.co_varnames[: rule.__code__.co_argcount]:
        if name == "caller":
            given[name] = Caller(behind(scene, spoiled))
        elif name == "alone":
            fresh = field.scene("--default-marking", "TLP:GREEN", client=field.anyone)
            fresh.may("--read", "--write")
            given[name] = Caller(behind(fresh, spoiled))
        else:
            given[name] = BehindField(field, spoiled)
    rule(**given)


@pytest.mark.parametrize(("rule", "fault"), RULES, ids=lambda one: one.__name__)
def test_the_rules_notice(field, scene, faulty, rule, fault):
    with pytest.raises((AssertionError, KeyError)):
        meet(rule, field, scene, faulty(fault))


@pytest.mark.parametrize("rule", list(dict.fromkeys(rule for rule, _ in RULES)), ids=lambda one: one.__name__)
def test_the_rules_notice_nothing_without_a_fault(field, scene, faulty, rule):
    meet(rule, field, scene, faulty(none))


class BehindField:
    def __init__(self, field, spoiled):
        self.field, self.spoiled = field, spoiled

    def scene(self, *options):
        return behind(self.field.scene(*options), self.spoiled)


# -- clients

EVERY_READER = (
    readers.MispBrowse, readers.OpenCti2023, readers.OpenCti2024, readers.OpenCti, readers.OpenCtiConnector, readers.ElasticFirst,
    readers.ElasticBefore182, readers.Elastic, readers.Xsoar, readers.TrellixSmall, readers.Sentinel, readers.SentinelByDate,
)
FEW, MANY = 120, 1_100  # more than a page by default
CLIENTS = [
    *((kind, fault, FEW) for kind in EVERY_READER for fault in (pages_lose_their_last, revocations_stay, shows_a_secret)),
    (readers.MispBrowse, only_basic_with_a_capital, FEW),
    (readers.MispBrowse, empty_next_is_a_cursor, FEW),
    (readers.OpenCti2023, no_plain_accept, FEW),
    (readers.OpenCti2023, no_slash_no_answer, FEW),
    (readers.OpenCti2023, forgetful(), MANY),
    (readers.OpenCti2024, strict(), MANY),
    (readers.OpenCtiConnector, strict(), MANY),
    (readers.OpenCtiConnector, another_content_type, FEW),
    (readers.OpenCtiConnector, one_title_for_all, FEW),
    (readers.Elastic, next_on_the_last_page, FEW),
    (readers.Xsoar, another_content_type, FEW),
    (readers.XsoarHeader, no_key_header, FEW),
    (readers.Trellix, large_limits_are_refused, FEW),
    (readers.SentinelByDate, no_date_of_the_last, MANY),
    (posters.MispPush, bodies_of_half_the_size, MANY),
    (posters.MispPush, statuses_cut_short, FEW),
    (posters.SplunkCtis, no_bundles, FEW),
    (posters.SentinelPlaybook, no_slash_no_answer, FEW),
]


def result_behind(field, kind, spoiled, count):
    met = behind(field.scene(*kind.collection_options, root=kind.root, client=field.anyone), spoiled)
    if issubclass(kind, posters.Poster):
        shape = sent_objects.misp_object if kind is posters.MispPush else sent_objects.splunk_object
        return run_poster(met, kind, shape, count)
    return run_reader(met, kind, count)


@pytest.mark.parametrize(("kind", "fault", "count"), CLIENTS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_the_clients_notice(field, faulty, kind, fault, count):
    try:
        result = result_behind(field, kind, faulty(fault), count)
    except Exception:  # as the product would stop, too
        return
    assert not result.ok, "it met the fault and did not notice"


@pytest.mark.parametrize("kind", list(dict.fromkeys(kind for kind, _, _ in CLIENTS)), ids=lambda one: one.__name__)
def test_the_clients_notice_nothing_without_a_fault(field, faulty, kind):
    assert result_behind(field, kind, faulty(none), max(count for one, _, count in CLIENTS if one is kind)).ok
