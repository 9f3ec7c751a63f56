"""Caddy as a reverse proxy, by the recipe of a snippet that is imported for each origin."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import is_subdomains, subdomains
from corspec_server import header_values, run, wildcard


def header(matcher, headers):
    """A `header` for each of the headers."""
    return [f'header {matcher} {name} "{value}"' for name, value in headers.items()]


def cors(policy):
    """The lines of the recipe."""
    preflight, actual = header_values(policy)
    headers = {**preflight, **actual}
    if policy.get("credentials"):
        headers["Access-Control-Allow-Credentials"] = "true"
    lines = ["@options method OPTIONS", "respond @options 204"]
    if policy["origins"] == "*":
        reflected = {"Access-Control-Allow-Origin": "{header.Origin}", "Vary": "Origin"}
        allowed = {"Access-Control-Allow-Origin": "*"} if wildcard(policy) else reflected
        return [*lines, *header("", {**allowed, **headers})]
    for index, origin in enumerate(policy["origins"]):
        if is_subdomains(origin):
            lines.append(f"@origin{index} header_regexp Origin {subdomains(origin)}")
        else:
            lines.append(f"@origin{index} header Origin {origin}")
        allowed = "{header.Origin}" if is_subdomains(origin) else origin
        lines += header(f"@origin{index}", {"Access-Control-Allow-Origin": allowed, **headers, "Vary": "Origin"})
    return lines


def configure(policy, port, backend, _):
    rules = "\n\t".join([*cors(policy), f"reverse_proxy 127.0.0.1:{backend}"])
    return f"""\
{{
	admin off
	auto_https off
}}
:{port} {{
	bind 127.0.0.1
	{rules}
}}
"""


def command(file, folder):
    home = [f"{name}={folder}" for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")]
    return ["env", *home, "/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", file]


run(
    name="caddy",
    package="caddy",
    language="Go",
    homepage="https://caddyserver.com/",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains", "credentials"),
        *("methods.list", "methods.any", "request_headers.list", "request_headers.any", "expose.list", "expose.any"),
        *("max_age", "max_age.zero", "max_age.absent", "application"),
    ],
    configure=configure,
    command=command,
)
