"""The adapter of Flask-CORS with credentials for any origin, as the report has it: `CORS(app, supports_credentials=True)`.

`flask_cors` of that time takes abstract classes from `collections`, where Python had them up to 3.9.
"""

import collections
import collections.abc
import runpy
import sys
from pathlib import Path

collections.Iterable = collections.abc.Iterable
adapters = Path(__file__).parents[2] / "adapters"
sys.path.insert(0, str(adapters / "lib"))
import corspec_adapter

speak = corspec_adapter.run
corspec_adapter.run = lambda knobs, **about: speak(knobs=[*knobs, "origins.any-with-credentials"], **about)
runpy.run_path(str(adapters / "flask-cors" / "adapter.py"))
