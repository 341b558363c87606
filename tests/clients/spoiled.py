"""A server with a fault: passes requests on to the real one and spoils some of its answers, so that tests can show that they notice."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Asked:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body

    def header(self, name):
        return next((value for field, value in self.headers if field.lower() == name.lower()), "")


class Told:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return next((value for field, value in self.headers if field.lower() == name.lower()), "")

    def without(self, *names):
        self.headers = [(field, value) for field, value in self.headers if field.lower() not in names]
        return self

    def with_header(self, name, value):
        self.without(name.lower()).headers.append((name, value))
        return self


def refusal(status, **headers):
    body = b'{"title":"refused"}'
    return Told(status, [("Content-Type", "application/taxii+json;version=2.1"), *((k.replace("_", "-"), v) for k, v in headers.items())], body)


class Spoiled:
    """`spoil(asked, forward)` gives the answer; `forward(asked)` is the real one's, never packed."""

    def __init__(self, url, spoil):
        real = urlsplit(url)
        kept = threading.local()  # a connection of ours for each of theirs

        def forward(asked):
            if not hasattr(kept, "connection"):
                kept.connection = http.client.HTTPConnection(real.hostname, real.port, timeout=60)
            connection = kept.connection
            connection.putrequest(asked.method, asked.target, skip_host=True, skip_accept_encoding=True)
            for name, value in asked.headers:
                if name.lower() not in ("accept-encoding", "connection", "expect", "content-length", "transfer-encoding"):
                    connection.putheader(name, value)
            if asked.method == "POST":
                connection.putheader("Content-Length", str(len(asked.body)))
            connection.endheaders(asked.body or None)
            answer = connection.getresponse()
            return Told(answer.status, answer.getheaders(), answer.read())

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                if self.headers.get("Transfer-Encoding"):
                    body = self.chunks()
                else:
                    body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told = spoil(Asked(self.command, self.path, self.headers.items(), body), forward)
                self.send_response_only(told.status)
                for name, value in told.headers:
                    if name.lower() not in ("content-length", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(told.body)))
                self.end_headers()
                self.wfile.write(told.body)

            def chunks(self):
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            do_GET = do_POST = handle_any

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
