"""Gathers what utils/site.sh makes a site of: the pages, and each file that one
of them links to, at the places that they have here. usage: site-sources.py FOLDER

A block of code that names its file, "```mlir layer.mlir", has the name above."""

import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
NAMED = re.compile(r"^```(\w+) (\S+)$", re.MULTILINE)


def main():
    target = pathlib.Path(sys.argv[1])
    pages = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        copy = target / page.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(NAMED.sub(r"`\2`:\n\n```\1", text), encoding="utf-8")
        for link in LINK.findall(CODE.sub("", text)):
            file = (page.parent / link).resolve()
            # What is missing is for the generator to report.
            if re.match("[a-z]+:", link) or not file.is_file():
                continue
            if file not in pages and file.is_relative_to(ROOT):
                place = target / file.relative_to(ROOT)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, place)


main()
