"""What the adapters of servers share: the fixed application as the server's backend, and one process of the server for
each policy, with a configuration generated for it.

An adapter calls `run` with what it is and functions that write the configuration and name the command; see ../README.md.
"""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import corspec_adapter
from corspec_adapter import Refused, Unsupported, application, decoded, is_subdomains, methods, names, subdomains

STARTED_WITHIN = 10
"""Seconds a server has to accept connections."""

STOPPED_WITHIN = 1
"""Seconds that killed servers are waited for: a stop has to end soon, and hundreds take their time to end."""

PAUSE = 0.005
"""Seconds between the pieces of a stream, so that a server does not read them as one."""


# How many fields a request may have is the server's to say.
http.client._MAXHEADERS = 10_000


class Backend(BaseHTTPRequestHandler):
    """The fixed application over HTTP/1.1, for every method."""

    protocol_version = "HTTP/1.1"
    # One write for the head and one for the body would wait for each other.
    disable_nagle_algorithm = True
    wbufsize = -1

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            body = b"".join(self.chunks())
        answer = application(self.command, decoded(self.path), self.headers, body)
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        chunked = answer.streamed and self.request_version == "HTTP/1.1"
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.streamed:
            self.send_header("Connection", "close")
        elif answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        for index, piece in enumerate([] if bodiless else answer.pieces):
            if answer.streamed and index:
                time.sleep(PAUSE)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked and piece else piece)
            self.wfile.flush()
        if chunked and not bodiless:
            self.wfile.write(b"0\r\n\r\n")

    def chunks(self):
        """The pieces of a chunked request body."""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def log_message(self, *_):
        pass


class BackendServer(ThreadingHTTPServer):
    """One thread for each connection of a server."""

    daemon_threads = True
    request_queue_size = 4096

    def handle_error(self, request, client_address):
        """A server may close a connection whenever it likes."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def start_backend():
    """Starts the application; returns its port."""
    server = BackendServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def debian_version(package):
    """The version of a package of Debian."""
    return subprocess.check_output(["dpkg-query", "-W", "-f", "${Version}", package], text=True)


def run(*, configure, command, **about):
    """Speaks the protocol of an adapter for a server.

    `configure(policy, port, backend, folder)`: the text of the configuration that listens on 127.0.0.1 and `port` and
    passes requests on to the application on `backend`; `folder` is there for files of the server.
    `command(file, folder)`: the program and arguments that run the server in the foreground, as one process.
    """
    folder = Path(tempfile.mkdtemp(prefix="corspec-"))
    backend = start_backend()
    servers = []
    reserved = []

    def stop(*_):
        # First the folder: hundreds that end leave little time for anything else.
        shutil.rmtree(folder, ignore_errors=True)
        for server in servers:
            server.kill()
        deadline = time.monotonic() + STOPPED_WITHIN
        for server in servers:
            try:
                server.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                return

    def stop_by_signal(number, _):
        stop()
        os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop_by_signal)

    def serve(policy):
        port = reserve()
        reserved.append(port)
        own = folder / str(len(reserved))
        own.mkdir()
        number = port.getsockname()[1]
        file = own / "server.conf"
        file.write_text(configure(policy, number, backend, own))
        with (own / "log").open("w") as log:
            server = subprocess.Popen(
                command(file, own), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=own
            )
        servers.append(server)
        wait_for(number, server, own / "log")
        return number

    corspec_adapter.run(serve=serve, stop=stop, version=debian_version, **about)


def reserve():
    """A socket that keeps a port of 127.0.0.1 for a server: bound and not listening, so that the server may bind it too."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


def wait_for(port, server, log):
    """Waits until a server accepts connections; what it says when it ends instead is its refusal."""
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Refused(log.read_text(errors="replace").strip() or f"ended with {server.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.002)
    print(log.read_text(errors="replace"), file=sys.stderr)
    raise RuntimeError(f"the server did not listen within {STARTED_WITHIN} s")


# ------------------------------------------------------------------------------------------ a policy for configurations

PLAIN = re.compile(r"[A-Za-z0-9!#&*+.^_`|~-]+")
"""Names that need no escape in the configuration of any server."""


def header_values(policy):
    """The values of the headers that depend on no request: exposed names; and methods, request headers and age, which are
    a preflight's. `*` where any is allowed; no entry where a header is not sent.
    """
    preflight = {"Access-Control-Allow-Methods": ", ".join(plain(methods(policy), "methods.list"))}
    request_headers = plain(names(policy, "request_headers"), "request_headers.list")
    if request_headers:
        preflight["Access-Control-Allow-Headers"] = ", ".join(request_headers)
    if policy.get("max_age") is not None:
        preflight["Access-Control-Max-Age"] = str(policy["max_age"])
    exposed = plain(names(policy, "expose"), "expose.list")
    return preflight, ({"Access-Control-Expose-Headers": ", ".join(exposed)} if exposed else {})


def plain(listed, knob):
    """The names, if all can be written into a configuration."""
    if not all(PLAIN.fullmatch(name) for name in listed):
        raise Unsupported(knob)
    return listed


def need_routable(policy, routable):
    """Answers that a policy is unsupported whose methods, those of its routes too, are not all such that the server passes
    them on: `routable` is an expression for these.
    """
    for inner in [policy, *(route["policy"] for route in policy.get("routes", []))]:
        if not all(re.fullmatch(routable, method) for method in methods(inner) if method != "*"):
            raise Unsupported("methods.list")


def wildcard(policy):
    """Whether the origin is a literal `*`: any, without credentials."""
    return policy["origins"] == "*" and not policy.get("credentials", False)


def expression(origin):
    """The anchored expression for one entry of `origins`."""
    return subdomains(origin) if is_subdomains(origin) else f"^{re.escape(origin)}$"
