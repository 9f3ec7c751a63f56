"""Falcon's CORSMiddleware in front of a sink, which answers OPTIONS too, as the report has it: `app.add_sink(…)`."""

import runpy
import sys
from pathlib import Path

ADAPTERS = Path(__file__).parents[2] / "adapters"
sys.path.insert(0, str(ADAPTERS / "lib"))
import corspec_adapter
import falcon

speak = corspec_adapter.run


def run(serve, **about):
    today = serve.__globals__

    def serve_sink(policy):
        app = falcon.App(middleware=falcon.CORSMiddleware(**today["options"](policy)))
        app.add_sink(lambda request, response: today["responder"](None, request, response), "/")
        return corspec_adapter.waitress_serve(app)

    speak(serve=serve_sink, **about)


corspec_adapter.run = run
runpy.run_path(str(ADAPTERS / "falcon" / "adapter.py"))
