"""The clients that are replayed, a row of docs/clients.md each, and the run of one row."""

from dataclasses import dataclass, field

import posters
import readers
import sent_objects
from as_sent import Record
from field import WHOLE, version_of

SOURCE = "its source"
DOCUMENTS = "documentation"
GUESS = "**a guess**"


@dataclass
class Row:
    product: str
    version: str
    written_from: str
    made: type
    habit: str
    shape: object = None  # posters: how their objects look


@dataclass
class Result:
    requests: int  # for the first 5,000 objects
    right: int  # how many objects it should end with
    had: int  # how many of them it has, in the right version
    extra: int  # what it has and should not
    log: list = field(default_factory=list)  # what the client's own log would show

    @property
    def ok(self):
        return self.had == self.right and self.extra == 0

    @property
    def ended_with(self):
        return f"{self.had:,} of {self.right:,}" + (f", {self.extra:,} too many" if self.extra else "")


ROWS = [
    Row(
        "MISP, browse", "current", SOURCE, readers.MispBrowse,
        "`basic` in lower case, Content-Type on GET, two slashes, `next=` empty on the first page, 50 a page",
    ),
    Row(
        "MISP, push", "current", SOURCE, posters.MispPush,
        "envelopes as full as max_content_length allows; UUIDs of version 1; looks at `failure_count` only",
        sent_objects.misp_object,
    ),
    Row(
        "OpenCTI, TAXII feed", "2023", SOURCE, readers.OpenCti2023,
        "`Accept: application/json, text/plain, */*`, no slash at the end, one page a tick, keeps its last `next` for ever",
    ),
    Row(
        "OpenCTI, TAXII feed", "early 2024", SOURCE, readers.OpenCti2024,
        "no slash at the end; `next` beside the added_after of the page before, cut to milliseconds",
    ),
    Row(
        "OpenCTI, TAXII feed", "2024 and later", SOURCE, readers.OpenCti,
        "one page a tick, `next` beside the first added_after, dates cut to milliseconds",
    ),
    Row(
        "OpenCTI, taxii2 connector", "current", SOURCE, readers.OpenCtiConnector,
        "root by path, collection by title; drops added_after; later runs start with an old `next` and a new added_after",
    ),
    Row(
        "Elastic, Custom Threat Intelligence", "0.3", SOURCE, readers.ElasticFirst,
        "no cursor: the same window at every interval, dates to the second; Basic, Content-Type on GET",
    ),
    Row(
        "Elastic, Custom Threat Intelligence", "before 1.8.2", SOURCE, readers.ElasticBefore182,
        "drops added_after on later pages, ignores `more`, fails on a page without `objects`; Basic",
    ),
    Row(
        "Elastic, Custom Threat Intelligence", "1.8.2", DOCUMENTS, readers.Elastic,
        "repeats added_after with `next`, ignores `more`; Bearer, Content-Type on GET",
    ),
    Row(
        "Cortex XSOAR, TAXII 2 Feed", "current", SOURCE, readers.Xsoar,
        "collection by title, `match[type]`, 100 a page, next added_after is the newest `modified`; Basic",
    ),
    Row("Cortex XSOAR, TAXII 2 Feed", "`_api_token_key`", SOURCE, readers.XsoarToken, "the same with `Authorization: Token`"),
    Row("Cortex XSOAR, TAXII 2 Feed", "`_header:X-Api-Key`", SOURCE, readers.XsoarHeader, "the same with a header of its own"),
    Row("Trellix", "limit 15,000", DOCUMENTS, readers.Trellix, "a page limit above the server's largest"),
    Row("Trellix", "limit 500", DOCUMENTS, readers.TrellixSmall, "its smallest page limit"),
    Row(
        "Splunk, CTIS reporting app", "current", SOURCE, posters.SplunkCtis,
        "posts the text of a bundle for each grouping, the same identity in each",
        sent_objects.splunk_object,
    ),
    Row(
        "Microsoft Sentinel, connector", "by `next`", GUESS, readers.Sentinel,
        "Basic, root and collection id typed in, no discovery, keeps indicators",
    ),
    Row("Microsoft Sentinel, connector", "by added_after", GUESS, readers.SentinelByDate, "the same, going on by added_after alone"),
    Row(
        "Microsoft Sentinel, export playbook", "CTIS", DOCUMENTS, posters.SentinelPlaybook,
        "posts a bundle, no slash at the end",
        sent_objects.splunk_object,
    ),
]


def name_of(row):
    return f"{row.product} {row.version}".replace("`", "").replace(",", "").replace(" ", "-").lower()


def wake_until_idle(reader):
    for _ in range(50):
        reader.wake()
        if not reader.waiting:
            return
    raise AssertionError(f"it never comes to an end: {reader.errors[-3:]}")


def expected_of(scene, reader):
    asked = reader.types
    return {one: version for one, version in scene.expected.items() if asked is None or one.split("--")[0] in asked}


def read_all(scene, make, count=WHOLE):
    """The whole collection, nothing new, then arrivals (some between two pages), a change and a revocation."""
    scene.fill(count)
    record = Record(scene.publisher)
    with record.of_requests():
        scene.may(*make.rights)
        reader = make(scene, record)
        wake_until_idle(reader)
        requests_of_whole = len(record.sent)
        assert reader.held == expected_of(scene, reader), f"not all of it, or more: {reader.errors}"
        for _ in range(2):
            wake_until_idle(reader)
        scene.arrive(300)
        scene.revoke(14)
        record.then = lambda: scene.arrive(20)
        wake_until_idle(reader)
        scene.change(15)
        scene.arrive(1)
        for _ in range(2):
            wake_until_idle(reader)
        reader.close()
    right = expected_of(scene, reader)
    return reader, record, requests_of_whole, right


def result(requests, held, right, log):
    had = sum(held.get(one) == version for one, version in right.items())
    return Result(requests, len(right), had, len(set(held) - set(right)), log)


def run_reader(scene, make, count=WHOLE):
    reader, record, requests_of_whole, right = read_all(scene, make, count)
    assert not record.refused()
    return result(requests_of_whole, reader.held, right, reader.errors)


def run_poster(scene, make, shape, count=WHOLE):
    record = Record(scene.publisher)
    with record.of_requests():
        scene.may(*make.rights)
        poster = make(scene, record)
        sent = sent_objects.first(shape, count)
        poster.send(sent)
        requests_of_whole = len(record.sent)
        more = [*sent_objects.later(shape, count, 100), sent_objects.revoked(shape, 14)]
        poster.send(more)
    assert not record.refused()
    # What the product read in the statuses: each object that it sent was taken.
    assert (poster.accepted, poster.errors) == (len(sent) + len(more), []), poster.errors[:3]
    right = {one["id"]: version_of(one) for one in [*sent, *more]}
    return result(requests_of_whole, scene.stored(), right, poster.errors)


def run_row(field_, row):
    scene = field_.scene(*row.made.collection_options, root=row.made.root)
    if row.shape is None:
        return run_reader(scene, row.made)
    return run_poster(scene, row.made, row.shape)
