"""Falcon's CORSMiddleware, as its documentation shows: `falcon.App(middleware=falcon.CORSMiddleware(…))`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
import falcon
from corspec_adapter import Unsupported, application, methods, names, refusable, run, waitress_serve


def options(policy):
    """The options of the middleware for a policy."""
    return {
        "allow_origins": policy["origins"],
        "allow_credentials": "*" if policy.get("credentials") else None,
        "expose_headers": names(policy, "expose") or None,
    }


def responder(self, request, response, path=""):
    answer = application(request.method, request.path, request_headers(request), request.bounded_stream.read())
    response.status = answer.status
    if answer.streamed:
        response.stream = iter(answer.pieces)
    else:
        response.data = answer.body
    for name, value in answer.headers:
        if name == "Set-Cookie":
            response.append_header(name, value)
        else:
            response.set_header(name, value)


def request_headers(request):
    return {name.lower(): value for name, value in request.headers.items()}


def serve(policy):
    # Falcon says which methods are allowed by the responders that a resource has.
    allowed = [method for method in methods(policy) if method != "OPTIONS"]
    if not set(allowed) <= set(falcon.COMBINED_METHODS):
        raise Unsupported("methods.list")
    if policy["max_age"] != 86400:
        raise Unsupported("max_age")
    resource = type("Application", (), {f"on_{method.lower()}": responder for method in allowed})()
    with refusable():
        app = falcon.App(middleware=falcon.CORSMiddleware(**options(policy)))
        app.add_route("/", resource)
        app.add_route("/{path:path}", resource)
    return waitress_serve(app)


run(
    name="falcon",
    package="falcon",
    homepage="https://falcon.readthedocs.io/en/stable/api/cors.html",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "credentials"),
        *("methods.list", "request_headers.any", "request_headers.any-with-credentials"),
        *("expose.list", "expose.any", "max_age", "application"),
    ],
    serve=serve,
)
