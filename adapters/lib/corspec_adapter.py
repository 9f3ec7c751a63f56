"""What every adapter in Python shares: the protocol, the knobs of a policy, the fixed application.

An adapter calls `run` with what it is and a function that puts a policy into force; see ../README.md.
"""

import asyncio
import json
import os
import re
import resource
import socket
import sys
import threading
import traceback
from importlib.metadata import version
from urllib.parse import unquote

SAFELISTED_METHODS = ("GET", "HEAD", "POST")
"""The methods a policy cannot forbid."""

ROUTED_METHODS = (*SAFELISTED_METHODS, "PUT", "PATCH", "DELETE")
"""The methods of the application where a framework wants a list; OPTIONS is often the framework's own."""


class Unsupported(Exception):
    """The software has no way to express these knobs, found out while it was configured."""

    def __init__(self, *knobs):
        super().__init__(", ".join(knobs))
        self.knobs = knobs


class Refused(Exception):
    """The software refuses the policy, with its own words."""


class refusable:
    """Around the software's configuration: what it raises is its own refusal, not a fault of the adapter."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, Unsupported):
            raise Refused(str(error)) from error


def run(*, name, package, homepage, knobs, serve, language="Python", version=version, stop=lambda: None):
    """Speaks the protocol until `stop` or the end of stdin.

    `version(package)`: that of the installed package. `knobs`: what the software can express.
    `serve(policy)`: listens on 127.0.0.1 and returns the port. `stop()`: ends what is not of this process.
    """
    # Nothing but answers may reach stdout, whatever the software prints.
    answers, sys.stdout = os.fdopen(os.dup(1), "w"), sys.stderr
    os.dup2(2, 1)
    # Every policy has a listener, and some servers need more descriptors for each.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def answer_to(request):
        operation = request.get("op")
        if operation == "hello":
            if request.get("protocol") != 1:
                return {"error": f"protocol {request.get('protocol')} is not known here, only 1"}
            about = {"name": name, "version": version(package), "language": language, "package": package}
            return {**about, "homepage": homepage, "knobs": knobs}
        if operation == "serve":
            policy = request["policy"]
            lacking = [knob for knob in needs(policy, knobs) if knob not in knobs]
            if lacking:
                return {"unsupported": lacking}
            return {"base_url": f"http://127.0.0.1:{serve(policy)}/"}
        if operation == "stop":
            return {}
        return {"error": f"no operation is called {operation!r}"}

    for line in sys.stdin:
        if not line.strip():
            continue
        request = {}
        try:
            request = json.loads(line, object_hook=without_null)
            answer = answer_to(request)
        except Unsupported as error:
            answer = {"unsupported": list(error.knobs)}
        except Refused as error:
            answer = {"refused": str(error)}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
        if request.get("op") == "stop":
            break
    stop()
    # The listeners are daemons of this process: nothing to wait for.
    os._exit(0)


def without_null(members):
    """A member that is null is one that is absent."""
    return {name: value for name, value in members.items() if value is not None}


def needs(policy, knobs):
    """The knobs a policy asks for, those of its routes included."""
    needed = []
    credentials = policy.get("credentials", False)
    any_suffix = ".any-with-credentials" if credentials else ".any"
    origins = policy["origins"]
    if credentials:
        needed.append("credentials")
    if origins == "*":
        needed.append("origins" + any_suffix)
    else:
        needed += ["origins.list"] if len(origins) > 1 else []
        needed += ["origins.null"] if "null" in origins else []
        needed += ["origins.subdomains"] if any(map(is_subdomains, origins)) else []
    for dimension in ("methods", "request_headers", "expose"):
        allowed = policy.get(dimension, [])
        # "None" is out of reach of software that always allows any.
        always_any = any(knob.startswith(f"{dimension}.any") for knob in knobs)
        if allowed == "*":
            needed.append(dimension + any_suffix)
        elif allowed or always_any:
            needed.append(dimension + ".list")
    max_age = policy.get("max_age")
    needed.append("max_age.absent" if max_age is None else "max_age" if max_age else "max_age.zero")
    for route in policy.get("routes", []):
        needed += ["routes", *needs(route["policy"], knobs)]
    return list(dict.fromkeys(needed))


def is_subdomains(origin):
    """Whether an entry of `origins` stands for the subdomains of a host."""
    return "://*." in origin


def subdomains(origin):
    """The anchored expression for `https://*.example.com`: subdomains at any depth, same scheme and port."""
    scheme, host = origin.split("://*.")
    return rf"^{re.escape(scheme)}://(?:[a-z0-9_-]+\.)+{re.escape(host)}$"


def split_origins(policy):
    """The origins of a policy that lists them: the exact ones, and the expressions for subdomains."""
    origins = policy["origins"]
    exact = [origin for origin in origins if not is_subdomains(origin)]
    return exact, [subdomains(origin) for origin in origins if is_subdomains(origin)]


def methods(policy):
    """The methods for software whose list holds the safelisted ones too; `["*"]` when any is allowed."""
    allowed = policy.get("methods", [])
    return ["*"] if allowed == "*" else list(dict.fromkeys([*SAFELISTED_METHODS, *allowed]))


def routed(policy):
    """The methods to route where a framework wants a list: the common ones and those the policy names."""
    named = [method for method in methods(policy) if method not in ("*", "OPTIONS")]
    return list(dict.fromkeys([*ROUTED_METHODS, *named]))


def names(policy, dimension):
    """The names of `request_headers` or `expose`; `["*"]` when any is allowed."""
    return ["*"] if policy.get(dimension) == "*" else policy.get(dimension, [])


# ---------------------------------------------------------------------------------------------- the fixed application

HEADERS = [
    ("Content-Type", "text/plain"),
    ("Cache-Control", "max-age=60"),
    ("ETag", '"v1"'),
    ("Set-Cookie", "session=1"),
    ("X-App", "corspec"),
    ("X-Request-Id", "42"),
    ("X-Secret", "s"),
]


class Answer:
    """An answer of the application: status, header lines, the pieces of the body, whether they are streamed."""

    def __init__(self, status, text, *more, streamed=False):
        self.status = status
        self.headers = [*HEADERS, *more]
        self.pieces = [piece.encode("latin-1") for piece in ([text] if isinstance(text, str) else text)]
        self.streamed = streamed

    @property
    def body(self):
        """The body in one piece."""
        return b"".join(self.pieces)

    async def stream(self):
        """The body piece by piece."""
        for piece in self.pieces:
            yield piece


def application(method, path, headers, body):
    """The fixed application: its answer to a request.

    `path` is percent-decoded, `headers` has a `get` for lower-case names, `body` is bytes.
    """
    path = resolve(path)
    status = re.fullmatch(r"/status/([2-5]\d\d)", path)
    if status:
        return Answer(int(status[1]), "plain\n" if status[1] == "200" else "")
    if path.startswith("/area/"):
        return Answer(200, "plain\n")
    if path == "/plain":
        if headers.get("if-none-match") == '"v1"':
            return Answer(304, "")
        if headers.get("range") == "bytes=0-1":
            return Answer(206, "pl", ("Content-Range", "bytes 0-1/6"))
        return Answer(200, "plain\n")
    if path == "/redirect":
        return Answer(302, "", ("Location", "/plain"))
    if path == "/vary":
        return Answer(200, "plain\n", ("Vary", "Accept-Encoding"))
    if path == "/cors":
        return Answer(200, "plain\n", ("Access-Control-Allow-Origin", "https://own.example"))
    if path == "/stream":
        return Answer(200, ["one\n", "two\n", "three\n"], streamed=True)
    if path == "/echo":
        return Answer(200, f"{method} {body.decode('latin-1')}")
    return Answer(404, "")


def resolve(path):
    """The path with its dot segments removed."""
    resolved = []
    segments = path.split("/")[1:]
    for index, segment in enumerate(segments):
        if segment == ".." and resolved:
            resolved.pop()
        if segment not in (".", ".."):
            resolved.append(segment)
        elif index == len(segments) - 1:
            resolved.append("")
    return "/" + "/".join(resolved)


def decoded(raw_path):
    """The path of a request target: without query, percent-decoded."""
    return unquote(raw_path.partition("?")[0])


# ------------------------------------------------------------------------------------------------------- listeners


def listener():
    """A socket that listens on 127.0.0.1 and a port of its own."""
    bound = socket.create_server(("127.0.0.1", 0), backlog=128)
    bound.setblocking(False)
    return bound


def port(bound):
    """The port of a socket."""
    return bound.getsockname()[1]


class Loop:
    """One event loop in a thread of its own, for all listeners of the adapter."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        """Runs a coroutine on the loop and waits for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=30)

    def start(self, coroutine):
        """Leaves a coroutine running on the loop."""
        asyncio.run_coroutine_threadsafe(coroutine, self.loop)


_uvicorn_loop = None


def uvicorn_serve(app):
    """Serves an ASGI application with uvicorn; returns the port."""
    import uvicorn

    global _uvicorn_loop
    _uvicorn_loop = _uvicorn_loop or Loop()
    bound = listener()
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, lifespan="auto"))

    async def start():
        task = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started and not task.done():
            await asyncio.sleep(0.002)
        if task.done():
            raise RuntimeError("uvicorn did not start")
        server.task = task

    _uvicorn_loop.run(start())
    return port(bound)


def waitress_serve(app):
    """Serves a WSGI application with waitress; returns the port."""
    from waitress import create_server

    server = create_server(app, host="127.0.0.1", port=0, threads=2, asyncore_use_poll=True)
    threading.Thread(target=server.run, daemon=True).start()
    return server.effective_port
