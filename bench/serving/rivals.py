"""Runs medallion or OpenTAXII on a free port with so many indicators, prints "port N" and leaves the path of the objects in
DIRECTORY/path: rivals.py medallion|opentaxii DIRECTORY OBJECTS. Their data is written as they write it, without asking them."""

import datetime
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"


def indicators(count):
    client = Path(os.environ.get("ENTENTE_BENCH_BUILD", Path(__file__).resolve().parents[2] / "build/bench")) / "bench/load_client"
    made = subprocess.run([client, "objects", "0", str(count)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in made.stdout.splitlines()]


def date(number):
    moment = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=number)
    return moment


def run_medallion(directory, count):
    from medallion import application_instance, register_blueprints, set_config
    from werkzeug.serving import make_server

    objects = indicators(count)
    media_type = "application/stix+json;version=2.1"
    manifest = [
        {"id": o["id"], "date_added": date(i).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "version": o["modified"], "media_type": media_type}
        for i, o in enumerate(objects)
    ]
    collection = {
        "id": COLLECTION,
        "title": "Feed",
        "can_read": True,
        "can_write": True,
        "media_types": [media_type],
        "objects": objects,
        "manifest": manifest,
    }
    information = {"title": "Trusted", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 10_000_000}
    data = {
        "/discovery": {"title": "Medallion", "default": "/trust/", "api_roots": ["/trust/"]},
        "trust": {"information": information, "status": [], "collections": [collection]},
    }
    file = directory / "medallion.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    backend = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": str(file)}
    for part, value in (("users", {"admin": "Password0"}), ("taxii", {"max_page_size": 1000}), ("backend", backend)):
        set_config(application_instance, part, {part: value})
    register_blueprints(application_instance)
    (directory / "path").write_text(f"/trust/collections/{COLLECTION}/objects/")
    return make_server("127.0.0.1", 0, application_instance, threaded=True)


def run_opentaxii(directory, count):
    config = directory / "opentaxii.yml"
    config.write_text(
        f"""
domain: localhost
support_basic_auth: yes
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters:
    db_connection: sqlite:///{directory}/auth.db
    create_tables: yes
    secret: for-benchmarks-only-and-long-enough-for-everyone
taxii1:
taxii2:
  title: OpenTAXII
  max_content_length: 10000000
  public_discovery: true
  allow_custom_properties: true
  default_pagination_limit: 1000
  max_pagination_limit: 1000
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters:
      db_connection: sqlite:///{directory}/data.db
      create_tables: yes
logging:
  opentaxii: error
  root: error
""",
        encoding="utf-8",
    )
    os.environ["OPENTAXII_CONFIG"] = str(config)
    # It hands UUID values to json.dumps, which cannot write them.
    json.JSONEncoder.default = lambda _, value: str(value)
    from opentaxii.config import ServerConfig
    from opentaxii.middleware import create_app
    from opentaxii.persistence.sqldb import taxii2models
    from opentaxii.server import TAXIIServer
    from werkzeug.serving import make_server

    app = create_app(TAXIIServer(ServerConfig()))
    with app.app_context():
        accounts = app.taxii_server.auth.api
        accounts.create_account(username="admin", password="Password0", is_admin=True)
        api = app.taxii_server.servers.taxii2.persistence.api
        root = api.add_api_root(title="Trusted", default=True, is_public=True)
        collection = api.add_collection(root.id, title="Feed", alias="feed")
        version = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
        rest = [
            taxii2models.STIXObject(
                id=o["id"],
                collection_id=collection.id,
                type=o["type"],
                spec_version="2.1",
                date_added=date(i),
                version=version,
                serialized_data={key: value for key, value in o.items() if key not in ("id", "type", "spec_version")},
            )
            for i, o in enumerate(indicators(count))
        ]
        api.db.session.bulk_save_objects(rest)
        api.db.session.commit()
        (directory / "path").write_text(f"/taxii2/{root.id}/collections/{collection.id}/objects/")
    return make_server("127.0.0.1", 0, app, threaded=False)


def main():
    name, directory, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    server = (run_medallion if name == "medallion" else run_opentaxii)(directory, count)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(f"port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
