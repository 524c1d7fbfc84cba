#===- labels.py - Every constraint is written down, checked and tested ----===#
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===-----------------------------------------------------------------------===#
"""Compare the labels (C1, C2, ...) of the constraints in three places.

usage: labels.py ROOT

A constraint of an op, attribute or type stands under "Errors" of its documentation
("* C3: ..."), at its check (a comment "// C3" in a function of the op)
and in the name of a function of its error tests ("@grouped_matmul_c3...").
A label that lacks one of the three is reported; so are numbers with gaps.
"""

import collections
import pathlib
import re
import sys


# A dialect's folder below include/moa, lib and test.
FOLDERS = ["IR", "Tile/IR"]


def read_documented(root, folder):
    """{prefix of the tests: (C++ class, labels)} of the TableGen files."""
    found = {}
    for path in sorted((root / "include/moa" / folder).glob("*.td")):
        # One record a piece, from its `def` on.
        for piece in re.split(r"^(?=def )", path.read_text(), flags=re.M):
            op = re.match(r'def (?:Moa|Tile)_(\w+Op) :[^"]*"(\w+)"', piece)
            attr = re.match(r"def \w+?_(\w+)(Attr|Type) : (?:Attr|Type)Def<", piece)
            labels = set(re.findall(r"^ +\* (C\d+): ", piece, flags=re.M))
            if op:
                found[op[2]] = (op[1], labels)
            elif attr:
                name = f"{attr[1]}_{attr[2]}".lower()
                found[name] = (attr[1] + attr[2], labels)
    return found


def read_checked(root, folder):
    """{C++ class: labels} of the comments in the verifiers."""
    found = collections.defaultdict(set)
    for path in sorted((root / "lib" / folder).glob("*.cpp")):
        pending, current = set(), None
        for line in path.read_text().splitlines():
            # A comment above a definition belongs to the definition.
            label = re.match(r"(\s*)// (C\d+)\b", line)
            if label and not label[1]:
                pending.add(label[2])
            elif label and current:
                found[current].add(label[2])
            definition = re.search(r"\b(\w+(?:Op|Attr|Type))::\w+\(", line)
            definition = definition or re.search(r"\((\w+Op) op\b", line)
            if definition and not line.startswith(" "):
                current = definition[1]
                found[current] |= pending
                pending = set()
            elif line and not line.startswith((" ", "/", "}", "#")):
                # The type of a definition may stand on a line of its own.
                if "::" not in line and "LogicalResult" != line.strip():
                    current = None
    return found


def read_tested(root, folder):
    """{prefix: labels} of the functions in the error tests."""
    found = collections.defaultdict(set)
    for path in sorted((root / "test" / folder).rglob("*_errors.mlir")):
        names = re.findall(r"@(\w+?)_c(\d+)(?:_\w+)?\(", path.read_text())
        for prefix, number in names:
            found[prefix].add("C" + number)
    return found


def compare(root, folder):
    """The problems of a dialect, and how many constraints and records it has."""
    documented = read_documented(root, folder)
    checked, tested = read_checked(root, folder), read_tested(root, folder)
    problems = []
    for prefix, (name, labels) in documented.items():
        places = {
            "the documentation": labels,
            "the verifier": checked.get(name, set()),
            "the error tests": tested.get(prefix, set()),
        }
        union = set().union(*places.values())
        wanted = union | {f"C{i + 1}" for i in range(len(union))}
        for label in sorted(wanted, key=lambda text: int(text[1:])):
            missing = [place for place, has in places.items() if label not in has]
            if missing:
                problems.append(f"{prefix} {label}: not in {', '.join(missing)}")
    unknown = sorted(set(tested) - set(documented))
    problems += [f"{prefix}: tested, but not an op, attribute or type" for prefix in unknown]
    count = sum(len(labels) for _, labels in documented.values())
    return problems, count, len(documented)


def main():
    failed = False
    for folder in FOLDERS:
        problems, count, records = compare(pathlib.Path(sys.argv[1]), folder)
        for problem in problems:
            print(problem)
        print(f"{folder}: {count} constraints of {records} ops, attributes and types")
        failed |= bool(problems) or not count
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
