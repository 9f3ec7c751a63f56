"""Flask-CORS, as its documentation shows: `CORS(app, **options)`; routes by its `resources`."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import application, methods, names, refusable, routed, run, split_origins, waitress_serve
from flask import Flask, Response, request
from flask_cors import CORS


def options(policy):
    """The options of `CORS()`, and of a resource, for a policy."""
    exact, expressions = ("*", []) if policy["origins"] == "*" else split_origins(policy)
    return {
        "origins": exact if exact == "*" else [*exact, *expressions],
        "methods": methods(policy),
        "allow_headers": names(policy, "request_headers"),
        "expose_headers": names(policy, "expose"),
        "supports_credentials": policy.get("credentials", False),
        "max_age": policy.get("max_age"),
    }


def pattern(path):
    """The resource of a route's path: itself, or the expression for everything below."""
    return re.escape(path[:-1]) + ".*" if path.endswith("/*") else path


def view(path):
    answer = application(request.method, request.path, request.headers, request.get_data())
    return Response(iter(answer.pieces) if answer.streamed else answer.body, answer.status, answer.headers)


def serve(policy):
    app = Flask(__name__)
    routes = policy.get("routes", [])
    with refusable():
        resources = {pattern(route["path"]): options(route["policy"]) for route in routes}
        CORS(app, **({"resources": {**resources, r"/*": {}}} if routes else {}), **options(policy))
    # OPTIONS is Flask's own answer, to which the extension adds.
    app.add_url_rule("/", view_func=view, defaults={"path": ""}, methods=routed(policy), merge_slashes=False)
    app.add_url_rule("/<path:path>", view_func=view, methods=routed(policy), merge_slashes=False)
    return waitress_serve(app)


run(
    name="flask-cors",
    package="flask-cors",
    homepage="https://flask-cors.readthedocs.io/",
    knobs=[
        *("origins.any", "origins.list", "origins.null", "origins.subdomains", "credentials", "methods.list"),
        *("request_headers.list", "request_headers.any", "request_headers.any-with-credentials"),
        *("expose.list", "expose.any", "max_age", "max_age.zero", "max_age.absent", "routes", "application"),
    ],
    serve=serve,
)
