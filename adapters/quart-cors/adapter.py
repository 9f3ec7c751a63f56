"""Quart-CORS, as its README shows: `app = cors(app, **settings)`."""

import asyncio
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import Loop, application, listener, methods, names, port, refusable, routed, run, split_origins
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from quart import Quart, Response, request
from quart_cors import cors

loop = Loop()


def settings(policy):
    """The settings of `cors()` for a policy."""
    exact, expressions = (["*"], []) if policy["origins"] == "*" else split_origins(policy)
    return {
        "allow_origin": {*exact, *map(re.compile, expressions)},
        "allow_methods": set(methods(policy)),
        "allow_headers": set(names(policy, "request_headers")),
        "expose_headers": set(names(policy, "expose")),
        "allow_credentials": policy.get("credentials", False),
        "max_age": policy.get("max_age"),
    }


async def view(path):
    answer = application(request.method, request.path, request.headers, await request.get_data())
    return Response(answer.stream() if answer.streamed else answer.body, answer.status, answer.headers)


def serve(policy):
    app = Quart(__name__)
    with refusable():
        app = cors(app, **settings(policy))
    # OPTIONS is Quart's own answer, to which the extension adds.
    app.add_url_rule("/", view_func=view, defaults={"path": ""}, methods=routed(policy), merge_slashes=False)
    app.add_url_rule("/<path:path>", view_func=view, methods=routed(policy), merge_slashes=False)
    bound = listener()
    config = Config()
    config.bind = [f"fd://{bound.fileno()}"]
    config.loglevel = "ERROR"
    loop.start(hypercorn_serve(app, config, shutdown_trigger=asyncio.Event().wait))
    listening.append(bound)
    return port(bound)


# Hypercorn takes the descriptors of the sockets, which live as long as these.
listening = []

run(
    name="quart-cors",
    package="quart-cors",
    homepage="https://github.com/pgjones/quart-cors",
    knobs=[
        *("origins.any", "origins.list", "origins.null", "origins.subdomains", "credentials"),
        *("methods.list", "methods.any"),
        *("request_headers.list", "request_headers.any", "request_headers.any-with-credentials"),
        *("expose.list", "expose.any", "max_age", "max_age.zero", "max_age.absent", "application"),
    ],
    serve=serve,
)
