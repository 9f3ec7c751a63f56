"""An adapter for corspec: JSON lines on standard input and output, and a server for each policy.

Replace the parts marked `Your software`; keep the rest. What is printed for people goes to standard error.
"""

import json
import platform
import posixpath
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

# Your software: who it is. The version is that of the installed package: importlib.metadata.version("package").
HELLO = {
    "name": "my-cors",
    "version": platform.python_version(),
    "language": "Python",
    "package": "my-cors",
    "homepage": "https://my-cors.example/",
    # What it can express.
    "knobs": ["origins.none", "max_age.absent", "application"],
}


def middleware(policy, request, application):
    """Your software: an answer from a request, a policy and the application behind. Here: one origin, no preflights."""
    preflight = request["method"] == "OPTIONS" and "Access-Control-Request-Method" in request["headers"]
    status, headers, body = (204, [], [b""]) if preflight and "Origin" in request["headers"] else application(request)
    headers.append(("Vary", "Origin"))
    if request["headers"].get("Origin") in policy["origins"]:
        headers.append(("Access-Control-Allow-Origin", request["headers"]["Origin"]))
    return status, headers, body


COMMON = [
    ("Content-Type", "text/plain"),
    ("Cache-Control", "max-age=60"),
    ("ETag", '"v1"'),
    ("Set-Cookie", "session=1"),
    ("X-App", "corspec"),
    ("X-Request-Id", "42"),
    ("X-Secret", "s"),
]


def application(request):
    """The fixed application: status, headers, and the body in the pieces it is sent in."""
    path = posixpath.normpath(unquote(request["target"].split("?")[0]))
    plain = (200, list(COMMON), [b"plain\n"])
    if path == "/plain":
        if request["headers"].get("If-None-Match") == '"v1"':
            return 304, list(COMMON), [b""]
        if request["headers"].get("Range") == "bytes=0-1":
            return 206, [*COMMON, ("Content-Range", "bytes 0-1/6")], [b"pl"]
        return plain
    if match := re.fullmatch(r"/status/([2-5]\d\d)", path):
        status = int(match[1])
        return plain if status == 200 else (status, list(COMMON), [b""])
    if path == "/redirect":
        return 302, [*COMMON, ("Location", "/plain")], [b""]
    if path == "/vary":
        return 200, [*COMMON, ("Vary", "Accept-Encoding")], [b"plain\n"]
    if path == "/cors":
        return 200, [*COMMON, ("Access-Control-Allow-Origin", "https://own.example")], [b"plain\n"]
    if path == "/stream":
        return 200, list(COMMON), [b"one\n", b"two\n", b"three\n"]
    if path == "/echo":
        return 200, list(COMMON), [request["method"].encode() + b" " + request["body"]]
    if path.startswith("/area/"):
        return plain
    return 404, list(COMMON), [b""]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __getattr__(self, name):
        # One handler for every method.
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = {"method": self.command, "target": self.path, "headers": self.headers, "body": body}
        status, headers, pieces = middleware(self.server.policy, request, application)
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        chunked = len(pieces) > 1
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif status not in (204, 304):
            self.send_header("Content-Length", str(len(pieces[0])))
        self.end_headers()
        if self.command == "HEAD" or status in (204, 304):
            return
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def needed(policy):
    """The knobs a policy needs."""
    origins = policy["origins"]
    credentials = policy.get("credentials", False)
    any_knob = "any-with-credentials" if credentials else "any"
    knobs = [f"origins.{any_knob}"] if origins == "*" else []
    knobs += [] if origins else ["origins.none"]
    knobs += ["origins.list"] if origins != "*" and len(origins) > 1 else []
    knobs += ["origins.null"] if origins != "*" and "null" in origins else []
    knobs += ["origins.subdomains"] if any("://*." in origin for origin in origins) else []
    knobs += ["credentials"] if credentials else []
    for field in ("methods", "request_headers", "expose"):
        if policy.get(field):
            knobs.append(f"{field}.{any_knob if policy[field] == '*' else 'list'}")
    knobs.append({None: "max_age.absent", 0: "max_age.zero"}.get(policy.get("max_age"), "max_age"))
    return knobs + (["routes"] if policy.get("routes") else [])


def answer(request):
    if request.get("op") == "hello":
        return HELLO
    if request.get("op") == "serve":
        lacking = [knob for knob in needed(request["policy"]) if knob not in HELLO["knobs"]]
        if lacking:
            return {"unsupported": lacking}
        # Your software: what it refuses is answered by {"refused": "its own message"}.
        server = Server(("127.0.0.1", 0), Handler)
        server.policy = request["policy"]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return {"base_url": f"http://127.0.0.1:{server.server_port}/"}
    if request.get("op") == "stop":
        return {}
    return {"error": f"there is no op {request.get('op')}"}


def main():
    for line in sys.stdin:
        request = {}
        try:
            request = json.loads(line)
            reply = answer(request)
        except Exception as error:
            reply = {"error": repr(error)}
        print(json.dumps(reply), flush=True)
        if request.get("op") == "stop":
            return


main()
