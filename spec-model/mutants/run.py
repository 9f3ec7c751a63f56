#!/usr/bin/env python3
"""Applies each mutant of mutants.toml to a copy of the workspace and runs the vectors, which must notice it.

Usage: python3 spec-model/mutants/run.py [PART OF A NAME]
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TEST = ["cargo", "test", "-q", "-p", "corspec-model", "--test", "vectors"]


def main():
    wanted = sys.argv[1].lower() if len(sys.argv) > 1 else ""
    mutants = tomllib.loads((HERE / "mutants.toml").read_text())["mutant"]
    mutants = [mutant for mutant in mutants if wanted in mutant["name"].lower()]
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "corspec"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("target", ".git"))
        if result(copy) != "survives":
            sys.exit("the vectors fail without any mutant")
        survivors = [mutant["name"] for mutant in mutants if outcome(copy, mutant) != "noticed"]
    noticed = sum(mutant["wpt"] for mutant in mutants)
    print(f"{len(mutants)} mutants: the vectors notice {len(mutants) - len(survivors)}, web-platform-tests {noticed}")
    if survivors or not mutants:
        sys.exit("not noticed: " + "; ".join(survivors))


def outcome(copy, mutant):
    path = copy / "spec-model/src" / mutant["file"]
    source = path.read_text()
    found = source.count(mutant["from"])
    if found == 1:
        path.write_text(source.replace(mutant["from"], mutant["to"]))
        outcome = result(copy)
        path.write_text(source)
    else:
        outcome = f"stands {found} times in {mutant['file']}"
    print(f"{outcome:<16} {mutant['name']}", flush=True)
    return outcome


def result(copy):
    """What the vectors make of the workspace as it stands."""
    if subprocess.run([*TEST, "--no-run"], cwd=copy, capture_output=True).returncode != 0:
        return "does not build"
    return "survives" if subprocess.run(TEST, cwd=copy, capture_output=True).returncode == 0 else "noticed"


if __name__ == "__main__":
    main()
