"""Starlette's CORSMiddleware, as its documentation shows: in the `middleware` of the application."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import refusable, run, uvicorn_serve
from corspec_starlette import KNOBS, options, respond
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import Route


class Application(HTTPEndpoint):
    """An endpoint that is a class is routed for every method."""

    async def dispatch(self):
        response = await respond(Request(self.scope, self.receive))
        await response(self.scope, self.receive, self.send)


def serve(policy):
    with refusable():
        app = Starlette(
            routes=[Route("/{path:path}", Application)],
            middleware=[Middleware(CORSMiddleware, **options(policy))],
        )
        # Built now, not at the first request, so that what it refuses is seen.
        app.middleware_stack = app.build_middleware_stack()
    return uvicorn_serve(app)


run(
    name="starlette",
    package="starlette",
    homepage="https://www.starlette.io/middleware/#corsmiddleware",
    knobs=KNOBS,
    serve=serve,
)
