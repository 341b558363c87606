"""Every client of the field, request for request: each pulls 5,000 objects whole, then polls while objects arrive and one is
revoked, and ends with exactly the right set; what is posted arrives as it was sent (docs/clients.md)."""

import datetime

import pytest
import readers
from as_sent import Record
from field import made, now_stix
from rows import ROWS, expected_of, name_of, wake_until_idle


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_ends_with_exactly_the_right_set(result_of, row):
    result = result_of(row)
    assert result.ok, result


@pytest.fixture
def reading(field):
    """A reader of a class on a scene of its own with a few objects."""
    opened = []

    def start(kind, count):
        scene = field.scene(client=field.anyone)
        scene.may("--read")
        scene.publish([made(n) for n in range(count)])
        record = Record(scene.publisher)
        opened.append(kind(scene, record))
        return scene, opened[-1], record

    yield start
    for reader in opened:
        reader.close()


@pytest.mark.parametrize("kind", [readers.OpenCti2023, readers.OpenCti2024, readers.OpenCti])
def test_opencti_goes_on_where_the_rest_of_a_walk_was_deleted(reading, kind):
    scene, reader, record = reading(kind, 1_004)
    reader.wake()
    assert reader.waiting and len(reader.held) == 1_000
    for number in range(1_000, 1_004):
        target = f"{scene.path}objects/{made(number)['id']}/"
        assert scene.node.request("DELETE", target, scene.publisher).status_code == 200
        del scene.expected[made(number)["id"]]
    reader.wake()
    assert record.sent[-1][3] == 200 and "next=" in record.sent[-1][1], "an empty page at the end of its cursor"
    scene.arrive(5)
    for _ in range(3):
        wake_until_idle(reader)
    assert reader.held == expected_of(scene, reader)
    assert not record.refused()


def test_opencti_gets_again_what_was_added_in_the_same_millisecond_and_no_more(reading):
    scene, reader, _ = reading(readers.OpenCti, 2_500)
    wake_until_idle(reader)
    assert (len(reader.held), reader.repeats) == (2_500, 0)
    wake_until_idle(reader)
    assert reader.repeats < 1_000
    assert reader.held == expected_of(scene, reader)


def test_the_connector_takes_an_old_cursor_with_it_from_run_to_run(reading):
    scene, reader, record = reading(readers.OpenCtiConnector, 1_500)
    with record.of_requests():
        reader.wake()
        scene.arrive(30)
        reader.wake()
    first, second, third = (target for target in record.targets() if "/objects/" in target)
    assert "added_after=" in first and "next=" not in first
    assert "added_after=" not in second and "next=" in second
    assert "added_after=" in third and "next=" in third, "its fault"
    assert (reader.held, reader.errors) == (expected_of(scene, reader), [])


def test_elastic_before_1_8_2_logs_an_error_for_an_empty_page_and_loses_nothing(result_of):
    before, after = ([row for row in ROWS if row.made is kind][0] for kind in (readers.ElasticBefore182, readers.Elastic))
    assert result_of(before).log and set(result_of(before).log) == {"failed eval: no such key: objects"}
    assert result_of(before).ok
    assert result_of(after).log == []


def test_xsoar_misses_what_comes_before_a_date_of_an_author_in_the_future(reading):
    """What no server can mend, and docs/clients.md says."""
    scene, reader, record = reading(readers.Xsoar, 50)
    with record.of_requests():
        reader.wake()
        scene.publish([made(104, now_stix())])
        reader.wake()
        assert reader.held == expected_of(scene, reader)
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        scene.publish([made(114, tomorrow.strftime("%Y-%m-%dT%H:%M:%S.000Z"))])
        reader.wake()
        scene.publish([made(124, now_stix())])
        reader.wake()
    assert set(expected_of(scene, reader)) - set(reader.held) == {made(124)["id"]}
    assert "added_after=" + quoted(tomorrow) in record.targets()[-1]


def quoted(time):
    return time.strftime("%Y-%m-%dT%H%%3A%M%%3A%S.000Z")
