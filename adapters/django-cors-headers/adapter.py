"""django-cors-headers, as its README shows: the app, the middleware and the CORS_ settings of a Django project.

Django has one set of settings a process, and the middleware reads them at each request. So one request is handled at a
time, under the settings of its listener's policy.
"""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))
import django
from corspec_adapter import application, methods, names, refusable, run, split_origins, waitress_serve
from django.conf import settings
from django.core import checks
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import re_path


def view(request):
    answer = application(request.method, request.path_info, Headers(request), request.body)
    kind, content = (StreamingHttpResponse, iter(answer.pieces)) if answer.streamed else (HttpResponse, answer.body)
    return kind(content, status=answer.status, headers=dict(answer.headers))


class Headers:
    """Django's headers are found in any case."""

    def __init__(self, request):
        self.get = request.headers.get


urlpatterns = [re_path(r"(?s)^.*$", view)]

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["corsheaders"],
    MIDDLEWARE=["corsheaders.middleware.CorsMiddleware", "django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    LOGGING_CONFIG=None,
)
django.setup()
handler = WSGIHandler()
one_at_a_time = threading.Lock()


def cors_settings(policy):
    """The settings for a policy."""
    exact, expressions = ([], []) if policy["origins"] == "*" else split_origins(policy)
    return {
        "CORS_ALLOW_ALL_ORIGINS": policy["origins"] == "*",
        "CORS_ALLOWED_ORIGINS": exact,
        "CORS_ALLOWED_ORIGIN_REGEXES": expressions,
        "CORS_ALLOW_METHODS": methods(policy),
        "CORS_ALLOW_HEADERS": names(policy, "request_headers"),
        "CORS_EXPOSE_HEADERS": names(policy, "expose"),
        "CORS_ALLOW_CREDENTIALS": policy.get("credentials", False),
        # By the README no header is sent for 0.
        "CORS_PREFLIGHT_MAX_AGE": policy.get("max_age") or 0,
    }


def put_into_force(policy):
    for name, value in cors_settings(policy).items():
        setattr(settings, name, value)


def serve(policy):
    with one_at_a_time, refusable():
        put_into_force(policy)
        # What `manage.py` does before it starts.
        for message in checks.run_checks():
            if message.is_serious():
                raise ValueError(message.msg)

    def app(environ, start_response):
        with one_at_a_time:
            put_into_force(policy)
            return handler(environ, start_response)

    return waitress_serve(app)


run(
    name="django-cors-headers",
    package="django-cors-headers",
    homepage="https://github.com/adamchainz/django-cors-headers",
    knobs=[
        *("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains"),
        *("credentials", "methods.list", "methods.any", "request_headers.list", "request_headers.any"),
        *("expose.list", "expose.any", "max_age", "max_age.absent", "application"),
    ],
    serve=serve,
)
