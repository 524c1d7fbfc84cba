"""How the tests run: tools, substitutions and features."""

import os
import subprocess

import lit.formats

config.name = "moa"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.moa_build_dir, "test")

# moa-opt, moa-import and moa-run first, then LLVM's FileCheck, not, split-file,
# mlir-opt, mlir-translate and clang.
bin_dir = os.path.join(config.moa_build_dir, "bin")
config.environment["PATH"] = os.pathsep.join(
    [bin_dir, config.llvm_tools_dir, os.environ["PATH"]])
for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
             "OMP_NUM_THREADS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# Several tests run at a time: threads that wait for work leave the cores alone.
config.environment["OMP_WAIT_POLICY"] = "passive"

if config.moa_sanitizers:
    config.available_features.add("sanitizers")
if not subprocess.run([config.python, "-c", "import numpy"],
                      capture_output=True, check=False).returncode:
    config.available_features.add("numpy")

# MOA_TEST_VERIFY_ROUNDTRIP=1 sends every module that moa-opt reads through the
# printers and parsers, text and bytecode, before the passes run.
if os.environ.get("MOA_TEST_VERIFY_ROUNDTRIP"):
    config.substitutions.append(
        (r"(?<![-/\w])moa-opt(?![-/.\w])", "moa-opt --verify-roundtrip"))

config.substitutions += [
    ("%python", config.python),
    ("%goldens", os.path.join(config.test_source_root, "Inputs", "goldens")),
]
