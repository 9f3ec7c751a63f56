"""Starlette with `allow_origin_regex` as its documentation and the report write it: `https://.*\\.example\\.org`, unanchored."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "adapters" / "lib"))
from corspec_adapter import is_subdomains, refusable, run, uvicorn_serve
from corspec_starlette import KNOBS, options, respond
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request


def expression(origin):
    scheme, host = origin.split("://*.")
    return rf"{scheme}://.*\.{re.escape(host)}"


def serve(policy):
    given = options(policy)
    if "allow_origin_regex" in given:
        given["allow_origin_regex"] = "|".join(map(expression, filter(is_subdomains, policy["origins"])))

    async def app(scope, receive, send):
        if scope["type"] == "http":
            response = await respond(Request(scope, receive))
            await response(scope, receive, send)

    with refusable():
        app = CORSMiddleware(app, **given)
    return uvicorn_serve(app)


run(
    name="starlette",
    package="starlette",
    homepage="https://www.starlette.io/middleware/#corsmiddleware",
    knobs=KNOBS,
    serve=serve,
)
