#!/usr/bin/env python3
"""Shows how to read the vectors and judge an implementation by them; put your own in the place of TOY.

Usage: python3 consume.py     (Python 3.9 or later, standard library only)
"""

import json
import sys
from collections import Counter
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent


def to_bytes(string):
    """A byte string is written with one code point for each byte."""
    return string.encode("latin-1")


def get(lines, name):
    """The values of all lines of that name, each trimmed as an HTTP parser does, or None."""
    values = [to_bytes(v).strip(b" \t") for n, v in lines if to_bytes(n).lower() == name]
    return b", ".join(values) if values else None


def cors_check(given):
    allowed = get(given["headers"], b"access-control-allow-origin")
    include = given.get("credentials", "same-origin") == "include"
    granted = get(given["headers"], b"access-control-allow-credentials") == b"true"
    shared = allowed == to_bytes(given["origin"]) and (granted or not include)
    return "success" if shared or (allowed == b"*" and not include) else "failure"


TOY = {  # algorithm: what takes the `input` of a vector
    "cors-check": cors_check,
    "cors-safelisted-method": lambda given: given["method"] in ("GET", "HEAD", "POST"),
    "forbidden-method": lambda given: to_bytes(given["method"]).upper() in (b"CONNECT", b"TRACE", b"TRACK"),
}


def tolerates(vector, actual):
    """Whether `expected`, or an outcome in `accept`, is the actual result. Of an object, only `result` is compared."""
    outcomes = [vector["expected"], *(other["outcome"] for other in vector.get("accept", []))]
    return actual in [o["result"] if isinstance(o, dict) else o for o in outcomes]


ids, checked, wrong = Counter(), 0, []
for kind in ("model", "client", "server"):
    files = sorted((VECTORS / kind).glob("*.json"))
    vectors = [v for file in files for v in json.loads(file.read_text(encoding="utf-8"))["vectors"]]
    print(f"{kind}: {len(vectors)} vectors, {dict(Counter(v['level'] for v in vectors))}")
    ids.update(v["id"] for v in vectors)
    for vector in [v for v in vectors if v.get("algorithm") in TOY]:
        checked += 1
        if not tolerates(vector, TOY[vector["algorithm"]](vector["input"])):
            wrong.append(vector["id"])
print(f"toy implementation: {checked} checked, {len(wrong)} wrong")
if wrong or not checked or max(ids.values()) > 1:
    sys.exit(f"wrong: {wrong}, used twice: {[name for name, n in ids.items() if n > 1]}")
