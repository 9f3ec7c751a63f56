"""nginx as a reverse proxy, by the recipe of enable-cors.org with a `map` for the origins."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import is_subdomains, subdomains
from corspec_server import header_values, need_routable, run, wildcard


def origin_map(policy, variable):
    """The `map` from the request's origin to the one that is allowed, empty for others."""
    lines = [f"map $http_origin {variable} {{", '  default "";']
    if policy["origins"] == "*":
        lines[1] = "  default $http_origin;"
    else:
        for origin in dict.fromkeys(policy["origins"]):
            key = f"~{subdomains(origin)}" if is_subdomains(origin) else origin
            lines.append(f'  "{key}" $http_origin;'.replace("\\-", "-"))
    return [*lines, "}"]


def location(path, policy, variable, backend):
    """A `location` with the headers of a policy."""
    preflight, actual = header_values(policy)
    if policy.get("credentials") and policy.get("request_headers") == "*":
        preflight["Access-Control-Allow-Headers"] = "$http_access_control_request_headers"
    shared = {"Access-Control-Allow-Origin": "*" if wildcard(policy) else variable}
    if policy.get("credentials"):
        shared["Access-Control-Allow-Credentials"] = "true"
    if not wildcard(policy):
        shared["Vary"] = "Origin"

    def add(headers, indent):
        return [f"{indent}add_header '{name}' '{value}' always;" for name, value in headers.items()]

    # A block that adds headers inherits none, so the preflight has them all again.
    return [
        f"location {path} {{",
        "  if ($request_method = 'OPTIONS') {",
        *add({**shared, **preflight, "Content-Type": "text/plain; charset=utf-8", "Content-Length": "0"}, "    "),
        "    return 204;",
        "  }",
        *add({**shared, **actual}, "  "),
        f"  proxy_pass http://127.0.0.1:{backend};",
        "}",
    ]


def nginx_path(path):
    """What a `location` takes for a route's path. With a slash at its end, any but an expression would redirect to itself."""
    if path.endswith("/*"):
        return f'~ "^{re.escape(path[:-1])}"'
    return f'~ "^{re.escape(path)}$"' if path.endswith("/") else f'= "{path}"'


def configure(policy, port, backend, folder):
    need_routable(policy, "[A-Z_-]+")
    blocks = [("/", policy)]
    # Of the expressions the first that matches counts.
    routes = sorted(policy.get("routes", []), key=lambda route: (route["path"].endswith("/*"), -len(route["path"])))
    blocks += [(nginx_path(route["path"]), route["policy"]) for route in routes]
    maps, locations = [], []
    for index, (path, inner) in enumerate(blocks):
        variable = f"$cors_origin_{index}"
        maps += origin_map(inner, variable)
        locations += location(path, inner, variable, backend)
    paths = "\n".join(f"  {kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""\
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 2048; }}
http {{
  access_log off;
{paths}
  {chr(10).join(maps)}
  server {{
    listen 127.0.0.1:{port};
    {chr(10).join(locations)}
  }}
}}
"""


run(
    name="nginx",
    package="nginx",
    language="C",
    homepage="https://nginx.org/",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains", "credentials"),
        *("methods.list", "methods.any", "request_headers.list", "request_headers.any"),
        *("request_headers.any-with-credentials", "expose.list", "expose.any"),
        *("max_age", "max_age.zero", "max_age.absent", "routes", "application"),
    ],
    configure=configure,
    command=lambda file, folder: ["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", file],
)
