"""Goal G2: pages. A partner's view, each page recorded as disclosed on the disk, 8 connections: g2.py [OBJECTS]. What it prints last:
a  walking over everything once by pages of 1,000: times bare SQLite reading the same rows with Beast sending them (goal 0.9)
b  the same beside nginx sending the same bytes from files (goal 0.8)
c  pages asked for again, gzip: times nginx compressing the same pages on the fly (goal 2)
d  a view that shows 1 in 10,000: its page's cost in pages of the open view (goal at most 1.5)"""

import json
import sys

from programs import Client, Nginx, Node, Process, Rival, fail, folder, headers, middle, program, remove, rivals_there, room_for

CONNECTIONS = 8
PAGE = 1_000
ROUNDS = 3
PATH = "/api/collections/feed/objects/"
REPEATED_PAGES = 100


def cuts(objects):
    """A page size at whose ends each connection's part begins."""
    part = objects // CONNECTIONS
    return next(size for size in range(10_000, 0, -1_000) if part % size == 0)


class Pages:
    """What is asked of Entente: each connection's part of the walk, and the pages one by one."""

    def __init__(self, client, server, token, objects, place):
        size = cuts(objects)
        fields = headers(token)
        warm = client.ask(server, [f"{PATH}?limit={size}"], 1, fields, follow=10**9)
        dates = warm["dates"]
        if len(dates) != objects // size:
            fail(f"{len(dates)} pages of {size} for {objects} objects")
        step = objects // CONNECTIONS // size
        begin = [""] + [f"&added_after={dates[k * step - 1]}" for k in range(1, CONNECTIONS)]
        self.starts = [f"{PATH}?limit={PAGE}{after}" for after in begin]
        self.part = objects // CONNECTIONS // PAGE
        self.files = place / "pages"
        self.files.mkdir()
        client.ask(server, [f"{PATH}?limit={PAGE}"], 1, fields, follow=10**9, save=self.files)
        self.count = len(list(self.files.iterdir()))
        self.targets = [f"{PATH}?limit={PAGE}"]
        for number in range(1, min(REPEATED_PAGES, self.count)):
            head = (self.files / f"{number:06}.json").read_bytes()[:2_000].decode(errors="ignore")
            self.targets.append(f"{PATH}?limit={PAGE}&next=" + head.split('"next":"')[1].split('"')[0])


def told(name, runs, note=""):
    each = middle([run["each_us"] for run in runs])
    print(f"{name:<44} {each:9.1f} us of CPU a page  {1e6 / each:9.0f} pages/CPU-s  p99 {middle([r['p99_us'] for r in runs]) / 1000:7.1f} ms{note}")
    return each


def rivals(place, objects, ours):
    if not rivals_there():
        print("other TAXII servers are left out: they could not be installed")
        return
    for name, count, asked in (("medallion", min(objects, 1_000), 3), ("opentaxii", min(objects, 100_000), 1)):
        server = Rival(name, place, count)
        before = server.cpu()
        path = f"{server.path}?limit={PAGE}"
        pages = 0
        following = ""
        for _ in range(asked):
            body, _ = server.get(path + following)
            following = f"&next={body['next']}" if body.get("more") else ""
            pages += len(body["objects"]) / PAGE
        each = (server.cpu() - before) * 1e6 / pages
        print(f"{name + f', {count} objects':<44} {each:9.0f} us of CPU a page  {1e6 / each:9.1f} pages/CPU-s  {each / ours:9.0f} times ours")
        server.stop()


def run(objects):
    place = folder()
    room_for(place, objects * 2_200 + (200 << 20))
    node = Node(place)
    partner = node.partner("North", "TLP:GREEN")
    rare = node.partner("South", "TLP:CLEAR")
    node.fill(0, objects, 10_000)
    client = Client(place)
    server = node.serve()
    pages = Pages(client, server, partner, objects, place)
    bare = Process([program("bare_server"), node.database], says=r"port (\d+)")
    files = Nginx(place, pages.files)
    packed = Nginx(place, pages.files, gzip=True)
    fields = headers(partner)
    all_files = [f"/{number:06}.json" for number in range(1, pages.count + 1)]
    all_rows = [f"/{number * PAGE}/{PAGE}" for number in range(pages.count)]
    some_files = all_files[:REPEATED_PAGES]
    results = {name: [] for name in ("walk", "bare", "files", "again", "plain again", "packed", "rare")}
    for _ in range(ROUNDS):
        results["walk"].append(client.ask(server, pages.starts, CONNECTIONS, fields, follow=pages.part))
        results["bare"].append(client.ask(bare, all_rows, CONNECTIONS, requests=pages.count))
        results["files"].append(client.ask(files, all_files, CONNECTIONS, requests=max(pages.count, 1_000)))
        repeats = max(1_000, REPEATED_PAGES)
        results["again"].append(client.ask(server, pages.targets, CONNECTIONS, headers(partner, gzip=True), requests=repeats))
        results["plain again"].append(client.ask(server, pages.targets, CONNECTIONS, fields, requests=repeats))
        results["packed"].append(
            client.ask(packed, some_files, CONNECTIONS, ["Accept-Encoding: gzip"], requests=min(repeats, 300))
        )
        few = [f"{PATH}?limit={PAGE + number}" for number in range(500)]
        results["rare"].append(client.ask(server, few, CONNECTIONS, headers(rare), requests=len(few)))
    walked = results["walk"][0]
    if walked["requests"] != pages.count or abs(walked["bytes"] / results["bare"][0]["bytes"] - 1) > 0.01:
        fail(f"{walked['requests']} pages of {walked['bytes']} bytes, bare SQLite gave {results['bare'][0]['bytes']}")
    print(f"{objects} objects, pages of {PAGE} ({walked['bytes'] // walked['requests'] >> 10} KiB), {CONNECTIONS} connections, middle of {ROUNDS} rounds")
    walk = told("entente, each page once", results["walk"])
    least = told("bare SQLite and Beast", results["bare"])
    sent = told("nginx, the same bytes from files", results["files"])
    again = told(f"entente, {len(pages.targets)} pages again, gzip", results["again"])
    told(f"entente, {len(pages.targets)} pages again, plain", results["plain again"])
    squeezed = told("nginx, gzip on the fly", results["packed"])
    few = told("entente, a view of 1 in 10,000", results["rare"])
    for each in (server, bare, files, packed):
        each.stop()
    rivals(place, objects, walk)
    remove(place)
    a, b, c, d = least / walk, sent / walk, squeezed / again, few / walk
    met = a >= 0.9 and b >= 0.8 and c >= 2 and d <= 1.5
    print(
        f"G2 {'met' if met else 'missed'} a {a:.2f} goal 0.90 of bare SQLite and Beast; b {b:.2f} goal 0.80 of nginx from files; "
        f"c {c:.2f} goal 2.00 times nginx compressing; d {d:.2f} goal at most 1.50 open pages; {objects} objects"
    )


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    run(max(8_000, wanted // 8_000 * 8_000))
