"""django-cors-headers with the whitelist as the README of its version has it: up to 2.5 hosts, from 3.0 origins."""

import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from django_before_3 import exhibit

hosts = version("django-cors-headers").startswith("2.")
exhibit(lambda origin: origin.partition("://")[2] if hosts and "://" in origin else origin)
