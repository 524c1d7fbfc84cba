"""edit.py FILE PATTERN TEXT COPY: writes a copy of a file in which TEXT takes
the place of the only match of PATTERN."""

import pathlib
import re
import sys

source, pattern, text, target = sys.argv[1:]
data = pathlib.Path(source).read_bytes()
edited, count = re.subn(pattern.encode(), text.encode(), data)
assert count == 1 and len(edited) == len(data), pattern
pathlib.Path(target).write_bytes(edited)
