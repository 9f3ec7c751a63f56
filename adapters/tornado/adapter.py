"""Tornado: CORS headers in `RequestHandler.set_default_headers`, and `options`, as the recipe in adapter.toml shows."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import Loop, application, decoded, listener, methods, names, port, routed, run
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

loop = Loop()


def cors(policy):
    """The header lines for a policy: the same for every request."""
    origins = policy["origins"]
    lines = {
        "Access-Control-Allow-Origin": "".join(origins),
        "Access-Control-Allow-Credentials": "true" if policy.get("credentials") else "",
        "Access-Control-Allow-Methods": ", ".join(methods(policy)),
        "Access-Control-Allow-Headers": ", ".join(names(policy, "request_headers")),
        "Access-Control-Expose-Headers": ", ".join(names(policy, "expose")),
        "Access-Control-Max-Age": str(policy.get("max_age", "")),
    }
    return {name: value for name, value in lines.items() if value} if origins else {}


class Handler(RequestHandler):
    """The application."""

    def set_default_headers(self):
        for name, value in self.cors.items():
            self.set_header(name, value)

    def options(self):
        self.set_status(204)

    async def respond(self):
        request = self.request
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = application(request.method, decoded(request.path), headers, request.body)
        self.set_status(answer.status)
        for name, value in answer.headers:
            self.set_header(name, value)
        for piece in filter(None, answer.pieces):
            self.write(piece)
            if answer.streamed:
                await self.flush()


def serve(policy):
    own = {method.lower(): Handler.respond for method in routed(policy)}
    supported = {"SUPPORTED_METHODS": (*routed(policy), "OPTIONS"), "cors": cors(policy)}
    app = Application([(r".*", type("Application", (Handler,), {**own, **supported}))], log_function=lambda handler: None)
    bound = listener()

    async def start():
        HTTPServer(app).add_socket(bound)

    loop.run(start())
    return port(bound)


run(
    name="tornado",
    package="tornado",
    homepage="https://www.tornadoweb.org/en/stable/web.html#tornado.web.RequestHandler.set_default_headers",
    knobs=[
        *("origins.any", "origins.null", "credentials", "methods.list", "methods.any"),
        *("request_headers.list", "request_headers.any", "expose.list", "expose.any"),
        *("max_age", "max_age.zero", "max_age.absent", "application"),
    ],
    serve=serve,
)
