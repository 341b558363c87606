"""Runs OASIS's medallion on a free port with one API root and prints "port N": run_medallion.py DIRECTORY PAGE_SIZE."""

import json
import logging
import sys
from pathlib import Path

from medallion import application_instance, register_blueprints, set_config
from werkzeug.serving import make_server

COLLECTIONS = [
    ("91a7b528-80eb-42ed-a74d-c6fbd5a26116", "Both", True, True),
    ("52892447-4d7e-4f70-b94d-d7f22742ff63", "Read only", True, False),
    ("64993447-4d7e-4f70-b94d-d7f33742ee63", "Write only", False, True),
]


def main(directory, page_size):
    data = {
        "/discovery": {
            "title": "Medallion",
            "default": "/trust/",
            "api_roots": ["/trust/", "https://elsewhere.example/other/"],
        },
        "trust": {
            "information": {
                "title": "Trusted",
                "versions": ["application/taxii+json;version=2.1"],
                "max_content_length": 20_000,
            },
            "status": [],
            "collections": [
                {
                    "id": identifier,
                    "title": title,
                    "can_read": can_read,
                    "can_write": can_write,
                    "media_types": ["application/stix+json;version=2.1"],
                    "objects": [],
                    "manifest": [],
                }
                for identifier, title, can_read, can_write in COLLECTIONS
            ],
        },
    }
    file = Path(directory) / "medallion.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    config = {
        "backend": {
            "module": "medallion.backends.memory_backend",
            "module_class": "MemoryBackend",
            "filename": str(file),
        },
        "users": {"admin": "Password0"},
        "taxii": {"max_page_size": page_size},
    }
    for part in ("users", "taxii", "backend"):
        set_config(application_instance, part, config)
    register_blueprints(application_instance)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, application_instance, threaded=True)
    print(f"port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
