"""django-cors-headers with the whitelist as the README of 2.x has it: hosts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from django_before_3 import exhibit

exhibit(lambda origin: origin.partition("://")[2] or origin)
