"""Prints each relative link in README.md and docs/**/*.md of a source tree that
points to no file. usage: links.py ROOT"""

import pathlib
import re
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def targets(text):
    """The relative link targets in `text`, code left out."""
    for target in LINK.findall(CODE.sub("", text)):
        if not re.match(r"[a-z][a-z0-9+.-]*:|#", target):
            yield target.split("#")[0]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = [*root.glob("README.md"), *sorted(root.glob("docs/**/*.md"))]
    count = 0
    for page in pages:
        for target in targets(page.read_text(encoding="utf-8")):
            count += 1
            if not (page.parent / target).exists():
                print(f"{page.relative_to(root)}: link to '{target}', which is"
                      " no file: correct the path or remove the link")
    print(f"{count} links in {len(pages)} pages")


main()
