#!/usr/bin/env python3
"""Draws docs/matrix.svg, the picture in the README, from what the program prints.

Usage: cargo build --release && python3 docs/matrix.py
"""

import html
import os
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/corspec"
COLORS = {"31": "#f87171", "32": "#4ade80", "33": "#facc15", "1": "#ffffff", "2": "#94a3b8"}
WIDTH, HEIGHT = 8.4, 20


def main():
    with tempfile.TemporaryDirectory() as folder:
        printed = subprocess.run(
            [PROGRAM], cwd=folder, check=True, capture_output=True, text=True,
            env={**os.environ, "CLICOLOR_FORCE": "1"},
        ).stdout
    lines = ["$ cargo run --release", ""] + printed.split("\n\n")[0].splitlines()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    width = max(map(len, plain)) * WIDTH + 32
    height = len(lines) * HEIGHT + 28
    rows = "\n".join(text(line, 30 + index * HEIGHT) for index, line in enumerate(lines))
    (ROOT / "docs/matrix.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" role="img" '
        f'aria-label="The matrix of implementations and laws that corspec prints">\n'
        f'<rect width="100%" height="100%" rx="8" fill="#0f172a"/>\n'
        f'<g font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" fill="#e2e8f0" xml:space="preserve">\n'
        f"{rows}\n</g>\n</svg>\n"
    )


def text(line, y):
    """One line: each colored run stands at its own column, so that no font can shift it."""
    parts, column, color = [], 0, None
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if code:
            color = COLORS.get(code.group(1))
            continue
        for word in re.finditer(r"\S+(?: \S+)*", piece):
            x = 16 + (column + word.start()) * WIDTH
            fill = f' fill="{color}"' if color else ""
            parts.append(f'<text x="{x:.1f}" y="{y}"{fill}>{html.escape(word.group())}</text>')
        column += len(piece)
    return "".join(parts)


if __name__ == "__main__":
    main()
