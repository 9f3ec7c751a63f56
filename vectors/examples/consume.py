#!/usr/bin/env python3
"""Shows how to read the vectors and judge an implementation by them; put your own in the place of TOY.

Usage: python3 consume.py     (Python 3.9 or later, standard library only)
"""

import json
import re
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


# The toy implementation takes the `input` of a vector; None means that it cannot judge this input.

def cors_check(given):
    allowed = get(given["headers"], b"access-control-allow-origin")
    include = given.get("credentials", "same-origin") == "include"
    if allowed == b"*" and not include:
        return "success"
    granted = get(given["headers"], b"access-control-allow-credentials") == b"true"
    shared = allowed == to_bytes(given["origin"]) and (granted or not include)
    return "success" if shared else "failure"


def safelisted_request_header(given):
    # `value` goes straight to the algorithm and is not trimmed; lines of `headers` are.
    name, value = to_bytes(given["name"]).lower(), to_bytes(given["value"])
    if name == b"accept":
        return len(value) <= 128 and not re.search(rb'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]', value)
    if name in (b"accept-language", b"content-language"):
        return len(value) <= 128 and bool(re.fullmatch(rb"[0-9A-Za-z *,.;=-]*", value))
    return None


def normalize(given):
    upper = to_bytes(given["method"]).upper()  # of bytes, this changes ASCII letters only
    known = upper in (b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT")
    return upper.decode("latin-1") if known else given["method"]


TOY = {
    "cors-check": cors_check,
    "cors-safelisted-request-header": safelisted_request_header,
    "normalize-a-method": normalize,
    "forbidden-method": lambda given: to_bytes(given["method"]).upper() in (b"CONNECT", b"TRACE", b"TRACK"),
    "cors-safelisted-method": lambda given: to_bytes(given["method"]) in (b"GET", b"HEAD", b"POST"),
}


def tolerates(vector, actual):
    """Whether `expected`, or an outcome in `accept`, is the actual result. Of an object, only `result` is compared."""
    outcomes = [vector["expected"], *(other["outcome"] for other in vector.get("accept", []))]
    return actual in [o["result"] if isinstance(o, dict) else o for o in outcomes]


ids, checked, wrong = Counter(), 0, []
for kind in ("model", "client", "server"):
    files = sorted((VECTORS / kind).glob("*.json"))
    vectors = [v for file in files for v in json.loads(file.read_text(encoding="utf-8"))["vectors"]]
    levels = Counter(v["level"] for v in vectors)
    print(f"{kind}: {len(vectors)} vectors ({', '.join(f'{k} {n}' for k, n in sorted(levels.items()))})")
    ids.update(v["id"] for v in vectors)
    for vector in vectors if kind == "model" else []:
        judge = TOY.get(vector["algorithm"])  # None: an algorithm the toy does not have
        actual = judge(vector["input"]) if judge else None
        if actual is not None:
            checked += 1
            if not tolerates(vector, actual):
                wrong.append(vector["id"])

print(f"toy implementation: {checked} checked, {len(wrong)} wrong")
problems = [f"used twice: {name}" for name, n in ids.items() if n > 1] + [f"wrong: {name}" for name in wrong]
if problems or not checked:
    sys.exit("\n".join(problems) or "no vector was checked")
