"""The tests of the suite that a mode of moa-opt changes."""

import re

import lit.formats

MOA_OPT = re.compile(r"(?<![-/\w])moa-opt(?![-/.\w])")


class MoaOptTests(lit.formats.ShTest):
    """Tests that name moa-opt; all others stay what they are in every mode."""

    def getTestsForPath(self, *arguments):
        for test in super().getTestsForPath(*arguments):
            with open(test.getSourcePath(), encoding="utf-8") as file:
                if MOA_OPT.search(file.read()):
                    yield test
