"""Starlette with CORSMiddleware around routes, as both versions take them: 0.11 has the older interface of applications."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "adapters" / "lib"))
from corspec_adapter import ROUTED_METHODS, refusable, run, uvicorn_serve
from corspec_starlette import KNOBS, options, respond
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

# Its name since 0.13.
Request.scope = property(lambda request: request._scope)


def serve(policy):
    app = Starlette()
    with refusable():
        app.add_middleware(CORSMiddleware, **options(policy))
    app.add_route("/{path:path}", respond, methods=[*ROUTED_METHODS, "OPTIONS"])
    return uvicorn_serve(app)


run(
    name="starlette",
    package="starlette",
    homepage="https://www.starlette.io/middleware/#corsmiddleware",
    knobs=KNOBS,
    serve=serve,
)
