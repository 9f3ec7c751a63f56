"""Writes COMPARE.md: every implementation against every law, and which knobs each lacks.

    corspec test -o embedded.jsonl
    corspec test --all-adapters -o adapters.jsonl
    python3 docs/compare.py embedded.jsonl adapters.jsonl > COMPARE.md

The adapters have to be installed (`corspec adapter install --all`); each is asked what it can express.
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORSPEC = ROOT / "target/release/corspec"

HEAD = """# How implementations compare

Made on {date} from runs of `corspec test` and `corspec test --all-adapters`; versions are those that ran. To make it
again: `docs/compare.py`.

How to read it: ✓ and a number of judgements, all of which hold; ~ and what is known to be broken among those judged, each
with its reason in `vectors/known-failing/`, the grave ones in
[FINDINGS.md](harness/FINDINGS.md); n/a are vectors whose policy the implementation cannot have. A number says nothing
of weight: one vector of soundness outweighs a hundred of classification, and most entries below are of level *should* or
*interop*. Servers (Apache, Caddy, HAProxy, lighttpd, nginx) and Tornado have no CORS of their own: what is judged is a
widely copied recipe. Packages of Debian are older than their newest releases. `jetty-cors-unchained` is Jetty's filter
with a default changed, as its `adapter.toml` says.

## Laws

{matrix}

## What each cannot express

A policy that needs one of these is not asked of it. Software that refuses policies says so in its own words (`refused`).

| implementation | language | lacks | refuses |
|---|---|---|---|
"""


def hello(folder):
    manifest = tomllib.loads((folder / "adapter.toml").read_text())
    asked = subprocess.run(
        manifest["run"], cwd=folder, input='{"op":"hello","protocol":1}\n{"op":"stop"}\n',
        capture_output=True, text=True, timeout=60, check=False,
    )
    return manifest, json.loads(asked.stdout.splitlines()[0])


def main():
    report = subprocess.run(
        [CORSPEC, "report", *sys.argv[1:], "--format", "markdown"], capture_output=True, text=True, check=False
    ).stdout
    matrix = "\n".join(line for line in report.split("\n### ")[0].splitlines() if line.startswith("|"))
    refused = {}
    for path in sys.argv[1:]:
        for line in pathlib.Path(path).read_text().splitlines():
            event = json.loads(line)
            if event["event"] == "result" and event["verdict"] == "refused":
                refused.setdefault(event["implementation"], set()).add(event["vector"])
    answers = [hello(path.parent) for path in sorted((ROOT / "adapters").glob("*/adapter.toml"))]
    known = sorted({knob for _, answer in answers for knob in answer["knobs"]})
    print(HEAD.format(date=datetime.date.today(), matrix=matrix), end="")
    for manifest, answer in answers:
        # `origins.none` is said by those that have it only.
        lacking = (knob for knob in known if knob not in answer["knobs"] and knob != "origins.none")
        lacks = ", ".join(f"`{knob}`" for knob in lacking)
        count = len(refused.get(answer["name"], ()))
        refuses = f"{count} vectors' policies" if count else ""
        print(f"| {answer['name']} {answer['version']} | {manifest['language']} | {lacks} | {refuses} |")


main()
