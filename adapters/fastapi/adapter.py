"""FastAPI with its CORSMiddleware (Starlette's), as its documentation shows: `app.add_middleware(CORSMiddleware, …)`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import refusable, routed, run, uvicorn_serve
from corspec_starlette import KNOBS, options, respond
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware


def serve(policy):
    app = FastAPI(openapi_url=None)
    with refusable():
        app.add_middleware(CORSMiddleware, **options(policy))
        app.middleware_stack = app.build_middleware_stack()

    @app.api_route("/{path:path}", methods=[*routed(policy), "OPTIONS"])
    async def endpoint(request: Request):
        return await respond(request)

    return uvicorn_serve(app)


run(
    name="fastapi",
    package="fastapi",
    homepage="https://fastapi.tiangolo.com/tutorial/cors/",
    knobs=KNOBS,
    serve=serve,
)
