"""aiohttp-cors, as its README shows: resources added to the configuration, with the origins' `ResourceOptions`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
import aiohttp_cors
from aiohttp import web
from corspec_adapter import Loop, application, listener, methods, names, port, refusable, run

loop = Loop()


def config(policy):
    """The origins of a policy with their options."""
    star = lambda names: "*" if names == ["*"] else names
    options = aiohttp_cors.ResourceOptions(
        allow_credentials=policy.get("credentials", False),
        allow_methods=star(methods(policy)),
        allow_headers=star(names(policy, "request_headers")),
        expose_headers=star(names(policy, "expose")),
        max_age=policy.get("max_age"),
    )
    return {origin: options for origin in (["*"] if policy["origins"] == "*" else policy["origins"])}


async def handler(request):
    answer = application(request.method, request.path, request.headers, await request.read())
    if not answer.streamed:
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    await response.prepare(request)
    for piece in answer.pieces:
        await response.write(piece)
    return response


def resource(path):
    """The path of a resource in aiohttp's terms."""
    return f"{path[:-1]}{{rest:(?s:.*)}}" if path.endswith("/*") else path


async def start(policy, bound):
    app = web.Application()
    routes = sorted(policy.get("routes", []), key=lambda route: (route["path"].endswith("/*"), -len(route["path"])))
    with refusable():
        cors = aiohttp_cors.setup(app)
        for path, own in [*((route["path"], route["policy"]) for route in routes), ("/*", policy)]:
            # OPTIONS of the resource is the package's own route; all other methods are the application's.
            cors.add(app.router.add_resource(resource(path)), config(own)).add_route("*", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, bound).start()


def serve(policy):
    bound = listener()
    loop.run(start(policy, bound))
    return port(bound)


run(
    name="aiohttp-cors",
    package="aiohttp-cors",
    homepage="https://github.com/aio-libs/aiohttp-cors",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "credentials"),
        *("methods.list", "methods.any", "methods.any-with-credentials"),
        *("request_headers.list", "request_headers.any", "request_headers.any-with-credentials"),
        *("expose.list", "expose.any", "expose.any-with-credentials"),
        *("max_age", "max_age.zero", "max_age.absent", "routes", "application"),
    ],
    serve=serve,
)
