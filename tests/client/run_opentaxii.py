"""Runs EclecticIQ's OpenTAXII on a free port with one API root and prints "port N": run_opentaxii.py DIRECTORY."""

import json
import os
import sys
from pathlib import Path


def main(directory):
    config = Path(directory) / "opentaxii.yml"
    config.write_text(
        f"""
domain: localhost
support_basic_auth: yes
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters:
    db_connection: sqlite:///{directory}/auth.db
    create_tables: yes
    secret: for-tests-only-and-long-enough-for-everyone
taxii1:
taxii2:
  title: OpenTAXII
  max_content_length: 20000
  public_discovery: true
  allow_custom_properties: true
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
    # Version 0.9.3 hands UUID values to json.dumps, which cannot write them.
    json.JSONEncoder.default = lambda _, value: str(value)
    from opentaxii.config import ServerConfig
    from opentaxii.middleware import create_app
    from opentaxii.server import TAXIIServer
    from werkzeug.serving import make_server

    app = create_app(TAXIIServer(ServerConfig()))
    with app.app_context():
        accounts = app.taxii_server.auth.api
        accounts.create_account(username="admin", password="Password0", is_admin=True)
        api = app.taxii_server.servers.taxii2.persistence.api
        root = api.add_api_root(title="Trusted", default=True, is_public=True)
        api.add_collection(root.id, title="Both", alias="both")
    server = make_server("127.0.0.1", 0, app, threaded=False)
    print(f"port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
