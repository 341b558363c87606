"""Goal G10: small. Memory of the server's own (RssAnon) while it serves, time from its start to /healthz, size of the stripped program;
and how the cost of a page, of a poll and of a request with 1,000 objects grows: g10.py [OBJECTS]… (the goal is meant at 10,000,000,
which takes about 8 GB of disk and a quarter of an hour; without words 1,000, 100,000 and 1,000,000)."""

import http.client
import shutil
import subprocess
import sys
import time
import urllib.parse

from programs import Client, Node, entente_binary, folder, free_port, headers, remove, room_for

PATH = "/api/collections/feed/objects/"
MEMORY_MAX = 512 << 20
START_MAX = 0.3
PROGRAM_MAX = 20 << 20
BYTES_EACH = 900  # of disk


def stripped_size(place):
    copy = place / "entente"
    shutil.copy(entente_binary(), copy)
    subprocess.run(["strip", copy], check=True)
    return copy.stat().st_size


def healthy_after(node):
    """A server, and the seconds from its start until /healthz says yes."""
    port = free_port()
    began = time.monotonic()
    server = node.serve("--ops-listen", f"127.0.0.1:{port}")
    while True:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/healthz")
            if asked.getresponse().status == 200:
                return server, time.monotonic() - began
        except OSError:
            time.sleep(0.002)


def measure(objects, place):
    node = Node(place)
    partner = node.partner("North", "TLP:GREEN")
    node.fill(0, objects, 10_000)
    server, started = healthy_after(node)
    client = Client(place)
    fields = headers(partner)
    size = min(1_000, objects)
    pages = max(1, min(300, objects // size))
    walked = {}
    for _ in range(max(1, 300 // pages)):
        walked = client.ask(server, [f"{PATH}?limit={size}"], 1, fields, follow=pages)
    costs = []
    for _ in range(3):
        costs.append(client.ask(server, [f"{PATH}?limit={size}"] * 8, 8, fields, follow=pages)["each_us"])
    rest = f"&added_after={urllib.parse.quote(walked['dates'][-1])}"
    end = client.ask(server, [f"{PATH}?limit=10000{rest}"], 1, fields, follow=10**9)
    newest = (end["dates"] or walked["dates"])[-1]
    polls = [f"{PATH}?added_after={urllib.parse.quote(newest)}"]
    poll = [client.ask(server, polls, 64, fields, requests=20_000)["each_us"] for _ in range(3)]
    writing = headers(node.admin) + ["Content-Type: application/taxii+json;version=2.1"]
    post = [
        client.ask(server, [PATH], 64, writing, post=objects + 20_000 * n, requests=20_000)["each_us"] for n in range(3)
    ]
    memory = server.memory("RssAnon")
    server.stop()
    disk = sum(file.stat().st_size for file in node.path.iterdir() if file.is_file())
    print(
        f"{objects:>10} objects: page of {size:>5} {sorted(costs)[1]:8.1f} us, poll {sorted(poll)[1]:6.1f} us, one object posted "
        f"{sorted(post)[1]:6.1f} us of CPU; RssAnon {memory >> 20} MiB; /healthz after {started:.3f} s; disk {disk >> 20} MiB",
        flush=True,
    )
    return memory, started


def run(sizes):
    place = folder()
    program_size = stripped_size(place)
    worst_memory, worst_start = 0, 0.0
    for objects in sizes:
        room_for(place, objects * BYTES_EACH + (1 << 30))
        here = place / str(objects)
        here.mkdir()
        memory, started = measure(objects, here)
        remove(here)
        worst_memory, worst_start = max(worst_memory, memory), max(worst_start, started)
    remove(place)
    met = worst_memory < MEMORY_MAX and worst_start <= START_MAX and program_size < PROGRAM_MAX
    print(
        f"G10 {'met' if met else 'missed'} memory {worst_memory >> 20} goal under {MEMORY_MAX >> 20} MiB; /healthz after {worst_start:.2f} "
        f"goal {START_MAX} s; program {program_size / (1 << 20):.1f} goal under {PROGRAM_MAX >> 20} MiB; at {max(sizes)} objects"
        + ("" if max(sizes) >= 10_000_000 else " (the goal is meant at 10000000)")
    )


if __name__ == "__main__":
    run([int(word) for word in sys.argv[1:]] or [1_000, 100_000, 1_000_000])
