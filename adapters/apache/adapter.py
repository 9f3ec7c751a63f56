"""Apache httpd as a reverse proxy, by the recipe of mod_setenvif, mod_headers and mod_rewrite."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
from corspec_adapter import split_origins
from corspec_server import header_values, run, wildcard

MODULES = ("mpm_event", "authz_core", "headers", "setenvif", "rewrite", "proxy", "proxy_http")


def origin_expression(policy):
    """The expression of the origins that are allowed."""
    if policy["origins"] == "*":
        return "^(.*)$"
    exact, expressions = split_origins(policy)
    listed = [*map(re.escape, exact), *(expression[1:-1] for expression in expressions)]
    # An expression without alternatives would match every origin.
    return f"^({'|'.join(listed)})$" if listed else "(?!)"


def cors(policy):
    """The lines of the recipe."""
    preflight, actual = header_values(policy)
    lines = []
    if wildcard(policy):
        lines.append('Header always set Access-Control-Allow-Origin "*"')
    else:
        lines += [
            f'SetEnvIf Origin "{origin_expression(policy)}" AccessControlAllowOrigin=$0',
            "Header always set Access-Control-Allow-Origin %{AccessControlAllowOrigin}e env=AccessControlAllowOrigin",
            "Header merge Vary Origin",
        ]
    if policy.get("credentials"):
        lines.append('Header always set Access-Control-Allow-Credentials "true"')
    lines += [f'Header always set {name} "{value}"' for name, value in {**preflight, **actual}.items()]
    return [
        *lines,
        "RewriteEngine On",
        "RewriteCond %{REQUEST_METHOD} OPTIONS",
        "RewriteRule ^(.*)$ $1 [R=204,L]",
    ]


def configure(policy, port, backend, folder):
    modules = [f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES]
    return "\n".join([
        *modules,
        f"ServerRoot {folder}",
        f"PidFile {folder}/pid",
        f"DefaultRuntimeDir {folder}",
        "ServerName 127.0.0.1",
        f"Listen 127.0.0.1:{port}",
        "ErrorLog /dev/stderr",
        "StartServers 1",
        "ServerLimit 1",
        "ThreadsPerChild 64",
        "MaxRequestWorkers 64",
        "AsyncRequestWorkerFactor 32",
        f"<VirtualHost 127.0.0.1:{port}>",
        *cors(policy),
        f"ProxyPass / http://127.0.0.1:{backend}/",
        "</VirtualHost>",
        "",
    ])


run(
    name="apache",
    package="apache2-bin",
    language="C",
    homepage="https://httpd.apache.org/",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains", "credentials"),
        *("methods.list", "methods.any", "request_headers.list", "request_headers.any", "expose.list", "expose.any"),
        *("max_age", "max_age.zero", "max_age.absent", "application"),
    ],
    configure=configure,
    command=lambda file, folder: ["/usr/sbin/apache2", "-f", file, "-D", "FOREGROUND", "-D", "ONE_PROCESS"],
)
