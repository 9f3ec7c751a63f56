"""Sanic Extensions, as its documentation shows: the CORS_ values of `app.config`, then `Extend(app)`."""

import itertools
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import Loop, Unsupported, application, decoded, listener, port, refusable, run
from corspec_adapter import ROUTED_METHODS as ROUTED
from corspec_adapter import methods, names, split_origins
from sanic import HTTPResponse, Sanic
from sanic_ext import Extend

counter = itertools.count()
loop = Loop()


def config(policy):
    """The configuration for a policy."""
    if policy["origins"] == "*":
        origins = "*"
    else:
        exact, expressions = split_origins(policy)
        origins = [*exact, *map(re.compile, expressions)]
    return {
        "CORS_ORIGINS": origins,
        "CORS_METHODS": methods(policy),
        "CORS_ALLOW_HEADERS": names(policy, "request_headers"),
        "CORS_EXPOSE_HEADERS": names(policy, "expose"),
        "CORS_SUPPORTS_CREDENTIALS": policy.get("credentials", False),
        # By the documentation no header is sent for 0.
        "CORS_MAX_AGE": policy.get("max_age") or 0,
    }


async def handler(request, path=""):
    answer = application(request.method, decoded(request.path), request.headers, request.body)
    if not answer.streamed:
        return HTTPResponse(answer.body, answer.status, headers=answer.headers)
    response = await request.respond(HTTPResponse(status=answer.status, headers=answer.headers))
    for piece in answer.pieces:
        await response.send(piece)
    await response.eof()


async def start(app, bound):
    server = await app.create_server(sock=bound, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    await server.after_start()
    await server.start_serving()


def serve(policy):
    if not set(methods(policy)) <= {"*", "OPTIONS", *ROUTED}:
        raise Unsupported("methods.list")
    app = Sanic(f"policy-{next(counter)}", configure_logging=False)
    # It rewrites the server's code for one application a process.
    app.config.TOUCHUP = False
    app.config.OAS = False
    with refusable():
        app.config.update(config(policy))
        Extend(app)
    # OPTIONS is the extension's own answer.
    app.add_route(handler, "/", methods=ROUTED, name="root")
    app.add_route(handler, "/<path:path>", methods=ROUTED, name="below")
    bound = listener()
    loop.run(start(app, bound))
    return port(bound)


run(
    name="sanic-ext",
    package="sanic-ext",
    homepage="https://sanic.dev/en/plugins/sanic-ext/http/cors.html",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains"),
        *("credentials", "methods.list", "methods.any", "request_headers.list", "request_headers.any"),
        *("expose.list", "expose.any", "max_age", "max_age.absent", "application"),
    ],
    serve=serve,
)
