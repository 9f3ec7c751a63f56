"""What the exhibits of django-cors-headers before 3 share: the settings of its old names, in the adapter of today.

What the package of that time imports is gone: the abstract classes of `collections` since Python 3.10, `six` since Django 3.
"""

import collections
import collections.abc
import runpy
import sys
from pathlib import Path

import django.utils
import six

ADAPTERS = Path(__file__).parents[1] / "adapters"


def exhibit(whitelist):
    """Speaks the protocol; `whitelist(origin)` is an origin as the package's README of the time writes it."""
    collections.Sequence = collections.abc.Sequence
    django.utils.six = six
    for name, module in {"": six, ".moves": six.moves, ".moves.urllib": six.moves.urllib}.items():
        sys.modules[f"django.utils.six{name}"] = module
    sys.modules["django.utils.six.moves.urllib.parse"] = six.moves.urllib.parse
    sys.path.insert(0, str(ADAPTERS / "lib"))
    import corspec_adapter

    speak = corspec_adapter.run

    def run(serve, **about):
        today = serve.__globals__["cors_settings"]

        def cors_settings(policy):
            settings = today(policy)
            return {
                **settings,
                "CORS_ORIGIN_ALLOW_ALL": settings["CORS_ALLOW_ALL_ORIGINS"],
                "CORS_ORIGIN_WHITELIST": [whitelist(origin) for origin in settings["CORS_ALLOWED_ORIGINS"]],
                "CORS_ORIGIN_REGEX_WHITELIST": settings["CORS_ALLOWED_ORIGIN_REGEXES"],
            }

        serve.__globals__["cors_settings"] = cors_settings
        speak(serve=serve, **about)

    corspec_adapter.run = run
    runpy.run_path(str(ADAPTERS / "django-cors-headers" / "adapter.py"), run_name="corspec_django")
