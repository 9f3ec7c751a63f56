"""lighttpd as a reverse proxy, with the headers of mod_setenv under conditions on the origin."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_server import header_values, need_routable, run

METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT|SEARCH"
"""Of the methods that lighttpd knows those that are met; it answers others with 501."""


def response_headers(headers, indent):
    """The headers of a condition, which replace those outside of it."""
    listed = ", ".join(f'"{name}" => "{value}"' for name, value in headers.items())
    return f"{indent}setenv.add-response-header = ( {listed} )"


def cors(policy, indent=""):
    """The lines for a policy."""
    preflight, actual = header_values(policy)
    headers = {**preflight, **actual}
    if policy.get("credentials"):
        headers["Access-Control-Allow-Credentials"] = "true"
    if policy["origins"] == "*":
        return [response_headers({"Access-Control-Allow-Origin": "*", **headers}, indent)]
    vary = {"Vary": "Origin"}
    lines = [response_headers(vary, indent)]
    for origin in dict.fromkeys(policy["origins"]):
        allowed = {"Access-Control-Allow-Origin": origin, **vary, **headers}
        lines += [
            f'{indent}$REQUEST_HEADER["Origin"] == "{origin}" {{',
            response_headers(allowed, indent + "  "),
            f"{indent}}}",
        ]
    return lines


def configure(policy, port, backend, _):
    need_routable(policy, METHODS)
    rules = "\n".join(cors(policy))
    return f"""\
server.modules = ( "mod_setenv", "mod_proxy" )
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "/nonexistent"
server.max-fds = 4096
server.stream-response-body = 1
proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {backend} )) )
{rules}
"""


run(
    name="lighttpd",
    package="lighttpd",
    language="C",
    homepage="https://www.lighttpd.net/",
    knobs=[
        *("origins.any", "origins.list", "origins.null", "credentials", "methods.list", "methods.any"),
        *("request_headers.list", "request_headers.any", "expose.list", "expose.any"),
        *("max_age", "max_age.zero", "max_age.absent", "application"),
    ],
    configure=configure,
    command=lambda file, _: ["/usr/sbin/lighttpd", "-D", "-f", file],
)
