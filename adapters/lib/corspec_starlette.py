"""What the adapters of Starlette and FastAPI share: both use Starlette's CORSMiddleware and requests."""

from corspec_adapter import application, methods, names, split_origins
from starlette.responses import Response, StreamingResponse

KNOBS = [
    *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains"),
    *("credentials", "methods.list"),
    *("request_headers.list", "request_headers.any", "request_headers.any-with-credentials"),
    *("expose.list", "expose.any", "max_age", "max_age.zero", "application"),
]


def options(policy):
    """The options of CORSMiddleware for a policy."""
    options = {
        "allow_methods": methods(policy),
        "allow_headers": names(policy, "request_headers"),
        "expose_headers": names(policy, "expose"),
        "allow_credentials": policy.get("credentials", False),
        "max_age": policy["max_age"],
    }
    if policy["origins"] == "*":
        return {**options, "allow_origins": ["*"]}
    exact, expressions = split_origins(policy)
    if expressions:
        options["allow_origin_regex"] = "|".join(expressions)
    return {**options, "allow_origins": exact}


async def respond(request):
    """The application's answer to a request."""
    answer = application(request.method, request.scope["path"], request.headers, await request.body())
    kind, content = (StreamingResponse, answer.stream()) if answer.streamed else (Response, answer.body)
    return kind(content, answer.status, headers=dict(answer.headers))
