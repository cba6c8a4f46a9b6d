"""A reverse proxy as people put in front of the service: TLS, a path of its own, forwarded headers. Run as a process:

python -m tests.sync.tls_proxy UPSTREAM CERTIFICATE KEY PREFIX

It says on standard output where it listens. For the tests, the header `X-Test-Client` says whom a request is from.
"""

import ssl
import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OWN = {"host", "connection", "x-forwarded-for", "x-forwarded-proto", "x-test-client"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream = ""
    prefix = ""

    def log_message(self, *details: object) -> None:
        """Says nothing."""

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        headers["X-Forwarded-For"] = self.headers.get("X-Test-Client", self.client_address[0])
        headers["X-Forwarded-Proto"] = "https"
        connection = HTTPConnection(self.upstream, timeout=30)
        connection.request(self.command, self.path.removeprefix(self.prefix), body, headers)
        answer = connection.getresponse()
        told = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told)
        connection.close()

    do_GET = do_POST = do_PUT = do_HEAD = _forward


def main(upstream: str, certificate: str, key: str, prefix: str) -> None:
    Handler.upstream, Handler.prefix = urlsplit(upstream).netloc, prefix
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"https://127.0.0.1:{server.server_port}{prefix}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
