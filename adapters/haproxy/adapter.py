"""HAProxy, by the recipe with the origin in a variable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import split_origins
from corspec_server import header_values, run, wildcard


def cors(policy):
    """The lines of the recipe."""
    preflight, actual = header_values(policy)
    headers = {**preflight, **actual}
    if policy.get("credentials"):
        headers["Access-Control-Allow-Credentials"] = "true"
    if wildcard(policy):
        lines = ["http-request return status 204 if METH_OPTIONS"]
        lines.append("http-after-response set-header Access-Control-Allow-Origin *")
        return lines + [f'http-after-response set-header {name} "{value}"' for name, value in headers.items()]
    if policy["origins"] == "*":
        allowed = ["acl cors_origin var(txn.origin) -m found"]
    else:
        exact, expressions = split_origins(policy)
        allowed = [f"acl cors_origin var(txn.origin) -m str '{origin}'" for origin in exact]
        allowed += [f"acl cors_origin var(txn.origin) -m reg '{expression}'" for expression in expressions]
        allowed = allowed or ["acl cors_origin always_false"]
    when_allowed = "if cors_origin"
    return [
        *allowed,
        "http-request set-var(txn.origin) req.hdr(origin)",
        "http-request return status 204 if METH_OPTIONS { var(txn.origin) -m found }",
        f"http-after-response set-header Access-Control-Allow-Origin %[var(txn.origin)] {when_allowed}",
        *(f'http-after-response set-header {name} "{value}" {when_allowed}' for name, value in headers.items()),
        "http-after-response add-header Vary Origin",
    ]


def configure(policy, port, backend, _):
    rules = "\n  ".join(cors(policy))
    return f"""\
global
  nbthread 1
  maxconn 2000
  fd-hard-limit 4200
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend www
  bind 127.0.0.1:{port}
  {rules}
  default_backend application
backend application
  server application 127.0.0.1:{backend}
"""


run(
    name="haproxy",
    package="haproxy",
    language="C",
    homepage="https://www.haproxy.org/",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains", "credentials"),
        *("methods.list", "methods.any", "request_headers.list", "request_headers.any", "expose.list", "expose.any"),
        *("max_age", "max_age.zero", "max_age.absent", "application"),
    ],
    configure=configure,
    command=lambda file, _: ["/usr/sbin/haproxy", "-db", "-f", file],
)
