"""Litestar's CORSConfig, as its documentation shows: `Litestar(…, cors_config=CORSConfig(…))`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import application, decoded, methods, names, refusable, run, uvicorn_serve
from litestar import HttpMethod, Litestar, Request, Response, route
from litestar.config.cors import CORSConfig
from litestar.response import Stream


def options(policy):
    """The options of CORSConfig for a policy."""
    return {
        # `*` stands for any part of an origin.
        "allow_origins": ["*"] if policy["origins"] == "*" else policy["origins"],
        "allow_methods": methods(policy),
        "allow_headers": names(policy, "request_headers"),
        "expose_headers": names(policy, "expose"),
        "allow_credentials": policy.get("credentials", False),
        "max_age": policy["max_age"],
    }


@route(["/", "/{path:path}"], http_method=list(HttpMethod))
async def handler(request: Request) -> Response:
    path = decoded(request.scope["raw_path"].decode("latin-1"))
    answer = application(request.method, path, request.headers, await request.body())
    kind, content = (Stream, answer.stream()) if answer.streamed else (Response, answer.body)
    return kind(content, status_code=answer.status, headers=dict(answer.headers))


def serve(policy):
    with refusable():
        config = CORSConfig(**options(policy))
        app = Litestar([handler], cors_config=config, openapi_config=None, logging_config=None)
    return uvicorn_serve(app)


run(
    name="litestar",
    package="litestar",
    homepage="https://docs.litestar.dev/latest/usage/middleware/builtin-middleware.html#cors",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains"),
        *("credentials", "methods.list"),
        *("request_headers.list", "request_headers.any", "request_headers.any-with-credentials"),
        *("expose.list", "expose.any", "max_age", "max_age.zero", "application"),
    ],
    serve=serve,
)
