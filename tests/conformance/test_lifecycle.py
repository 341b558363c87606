"""What must hold while others write, and after the server ended, well or not."""

import signal
import threading
import uuid

from conformance_help import ids, indicator


def records(world, path):
    page = world.get(path + "manifest/", params={"match[version]": "all", "limit": 10_000}).json()
    return [(record["id"], record["date_added"]) for record in page.get("objects", [])]


def walk(world, path, limit, between=lambda: None):
    found, params = [], {"limit": limit}
    while True:
        page = world.get(path + "objects/", params=params)
        assert page.status_code == 200, page.text
        found += ids(page)
        if not page.json()["more"]:
            return found
        params["next"] = page.json()["next"]
        between()


def test_walks_are_whole_while_others_write_and_delete(world):
    path = world.collection()
    first = [indicator(n) for n in range(1, 301)]
    assert world.post(path, first).json()["success_count"] == 300
    doomed = [o["id"] for o in first[::7]]
    stop = threading.Event()

    def write():
        number = 1_000
        while not stop.is_set():
            world.post(path, [indicator(number), indicator(number + 1)])
            number += 2

    def remove():
        for one in doomed:
            assert world.delete(f"{path}objects/{one}/").status_code == 200

    threads = [threading.Thread(target=write), threading.Thread(target=write), threading.Thread(target=remove)]
    for thread in threads:
        thread.start()
    by_next = walk(world, path, 13)
    by_date, after = [], None
    while len(by_date) < len(by_next):
        page = world.get(path + "objects/", params={"limit": 17} | ({"added_after": after} if after else {}))
        by_date += ids(page)
        after = page.headers.get("X-TAXII-Date-Added-Last", after)
    threads[2].join()
    stop.set()
    for thread in threads:
        thread.join()
    for found in (by_next, by_date):
        assert len(found) == len(set(found)), "nothing twice"
        missing = {o["id"] for o in first} - set(found)
        assert missing <= set(doomed), "nothing lost that was not deleted"
    # Who polls on from its last date gets all the rest.
    while True:
        page = world.get(path + "objects/", params={"added_after": after})
        if not ids(page):
            break
        by_date += ids(page)
        after = page.headers["X-TAXII-Date-Added-Last"]
    assert len(by_date) == len(set(by_date))
    assert set(ids(world.get(path + "objects/", params={"limit": 10_000}))) <= set(by_date)


def test_a_restart_keeps_status_cursors_and_the_order_of_dates(fresh):
    path = fresh.collection()
    fresh.node.serve()
    posted = fresh.post(path, [indicator(n) for n in range(1, 8)]).json()
    first = fresh.get(path + "objects/", params={"limit": 3}).json()
    second = fresh.get(path + "objects/", params={"limit": 3, "next": first["next"]}).content
    before = records(fresh, path)
    assert fresh.node.stop() == 0

    fresh.node.serve()
    assert fresh.get(f"/api/status/{posted['id']}/").json() == posted
    assert fresh.get(path + "objects/", params={"limit": 3, "next": first["next"]}).content == second
    assert records(fresh, path) == before
    fresh.post(path, [indicator(8)])
    dates = [date for _, date in records(fresh, path)]
    assert dates == sorted(set(dates)) and len(dates) == 8


def test_a_killed_server_lost_nothing_that_it_acknowledged(fresh):
    path = fresh.collection()
    fresh.node.serve()
    acknowledged = []
    enough = threading.Event()

    def write(start):
        number = start
        try:
            while True:
                answer = fresh.post(path, [indicator(number), indicator(number + 1)])
                if answer.status_code == 202:
                    acknowledged.extend([indicator(number)["id"], indicator(number + 1)["id"]])
                number += 2
                if len(acknowledged) >= 100:
                    enough.set()
        except Exception:  # the server is gone
            return

    threads = [threading.Thread(target=write, args=(start,)) for start in (1, 100_001, 200_001)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    fresh.node.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()

    fresh.node.serve()
    found = records(fresh, path)
    assert set(acknowledged) <= {one for one, _ in found}
    assert len(found) == len({one for one, _ in found}), "nothing twice"
    fresh.post(path, [indicator(900_000)])
    dates = [date for _, date in records(fresh, path)]
    assert dates == sorted(set(dates)), "in order, and each its own"


def test_an_alias_is_unique_in_its_root_and_titles_too(world):
    path = world.collection("--alias", "the-feed")
    assert world.get("/api/collections/the-feed/").json() == world.get(path).json()
    assert world.node.run("collection", "add", "Another", "--alias", "the-feed", check=False).returncode != 0
    title = world.get(path).json()["title"]
    assert world.node.run("collection", "add", title, check=False).returncode != 0


def test_collection_ids_are_random_uuids(world):
    made = {world.collection() for _ in range(3)}
    assert len(made) == 3
    for path in made:
        assert uuid.UUID(world.get(path).json()["id"]).version == 4


def test_permissions_change_at_the_next_request(world):
    path = world.collection()
    world.post(path, [indicator(1)])
    assert world.get(path + "objects/", world.nobody).status_code == 404
    collection = path.split("/")[3]
    world.node.grant(collection, "--user", "nobody", "--read")
    assert ids(world.get(path + "objects/", world.nobody)) == [indicator(1)["id"]]
    world.node.run("grant", "remove", collection, "--user", "nobody")
    assert world.get(path + "objects/", world.nobody).status_code == 404
