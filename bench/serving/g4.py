"""Goal G4: small writes. 64 clients post one object each, again and again; a sync of the disk takes 2 ms longer than it does here. Beside
the same server with a commit for each request (goal 10 times as many); and both on the disk as it is: g4.py [SECONDS]."""

import sys

from programs import Client, Node, Process, folder, headers, program, remove, room_for

CONNECTIONS = 64
PATH = "/api/collections/feed/objects/"


def run(seconds):
    place = folder()
    room_for(place, 2 << 30)
    node = Node(place)
    client = Client(place)
    fields = headers(node.admin) + ["Content-Type: application/taxii+json;version=2.1"]
    first = 0
    rates = {}

    def measure(name, server):
        nonlocal first
        got = client.ask(server, [PATH], CONNECTIONS, fields, post=first, seconds=seconds)
        first += got["requests"]
        server.stop()
        rates[name] = got["requests"] / got["seconds"]
        print(
            f"{name:<44} {rates[name]:9.0f} objects/s  {got['each_us']:7.1f} us of CPU each  "
            f"p50 {got['p50_us'] / 1000:7.2f} ms  p99 {got['p99_us'] / 1000:7.2f} ms"
        )

    for delay, where in ((2_000, "sync + 2 ms"), (0, "this disk")):
        for way, what in (("batching", "shared commits"), ("single", "a commit each")):
            measure(f"{what}, {where}", Process([program("write_server"), node.path, way, delay], says=r"port (\d+)"))
    measure("entente serve, this disk", node.serve())
    remove(place)
    ratio = rates["shared commits, sync + 2 ms"] / rates["a commit each, sync + 2 ms"]
    real = rates["shared commits, this disk"] / rates["a commit each, this disk"]
    print(f"G4 {'met' if ratio >= 10 else 'missed'} {ratio:.1f} goal 10 times a commit each; on this disk {real:.1f}")


if __name__ == "__main__":
    run(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
