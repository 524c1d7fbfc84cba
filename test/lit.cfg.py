"""How the tests run: tools, substitutions and features."""

import os
import platform
import re
import shutil
import subprocess
import sys

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
             "OMP_NUM_THREADS", "LD_LIBRARY_PATH", "MOA_CUDA_DRIVER",
             "CUDA_HOME", "CUDA_PATH", "CUDA_ROOT", "CUDA_VISIBLE_DEVICES"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
# Variables of the emulator of a CUDA driver, for runs of the suite with others.
config.environment.update((name, value) for name, value in os.environ.items()
                          if name.startswith("PTXSIM_"))

# Several tests run at a time: threads that wait for work leave the cores alone.
config.environment["OMP_WAIT_POLICY"] = "passive"

if config.moa_sanitizers:
    config.available_features.add("sanitizers")
if platform.machine() == "x86_64":
    config.available_features.add("x86")
if not subprocess.run([config.python, "-c", "import numpy"],
                      capture_output=True, check=False).returncode:
    config.available_features.add("numpy")

# mkdocs: the site can be made, by what utils/site.sh takes or installs.
site_tools = os.path.join(config.moa_source_dir, "build", "site-tools", "bin")
if shutil.which("mkdocs", path=os.environ["PATH"] + os.pathsep + site_tools):
    config.available_features.add("mkdocs")
else:
    lit_config.note("the site is not made: utils/site.sh --install installs "
                    "mkdocs")
if shutil.which("nvim"):
    config.available_features.add("nvim")
else:
    lit_config.note("no editor talks to moa-lsp-server: nvim is not there")

# cuda-driver: there is a driver with a device, which may be the emulator.
# ptxsim: it is the emulator.
moa_run = os.path.join(bin_dir, "moa-run")
if os.path.exists(moa_run):
    listed = subprocess.run([moa_run, "--list-devices"], capture_output=True,
                            text=True, env=dict(config.environment),
                            check=False).stdout
    if re.search(r"^cuda \d", listed, re.MULTILINE):
        config.available_features.add("cuda-driver")
    else:
        lit_config.note("tests that need a GPU are skipped: " +
                        " ".join(listed.splitlines()[1:]))
    if "ptxsim" in listed:
        config.available_features.add("ptxsim")
# ptxas: PTX can be assembled. cuda-toolkit: programs can be built that include
# cuda.h. libdevice: kernels can call CUDA's library of functions.
ptxas = shutil.which("ptxas")
toolkits = list(filter(None, map(os.environ.get,
                                 ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"))))
if toolkits and os.path.exists(os.path.join(
        toolkits[0], "nvvm", "libdevice", "libdevice.10.bc")):
    config.available_features.add("libdevice")
if ptxas:
    toolkits.append(os.path.dirname(os.path.dirname(os.path.realpath(ptxas))))
for toolkit in toolkits:
    if os.path.exists(os.path.join(toolkit, "bin", "ptxas")):
        config.available_features.add("ptxas")
        config.environment["PATH"] += os.pathsep + os.path.join(toolkit, "bin")
    if os.path.exists(os.path.join(toolkit, "include", "cuda.h")):
        config.available_features.add("cuda-toolkit")
        config.substitutions.append(("%cuda_home", toolkit))

# MOA_TEST_MODE runs moa-opt in another way, through a script of its name.
mode = os.environ.get("MOA_TEST_MODE", "")
if mode:
    if mode not in ("roundtrip", "bytecode", "generic", "nothreads"):
        lit_config.fatal(f"MOA_TEST_MODE is '{mode}': there are roundtrip, "
                         "bytecode, generic and nothreads")
    # What has a class in it is sent to other processes, which import it.
    modes = os.path.join(config.test_source_root, "Modes")
    sys.path.insert(0, modes)
    from moa_modes import MoaOptTests

    config.test_format = MoaOptTests(execute_external=False)
    config.environment.update(MOA_TEST_MODE=mode,
                              MOA_TEST_OPT=os.path.join(bin_dir, "moa-opt"))
    config.environment["PATH"] = os.pathsep.join(
        [os.path.join(modes, "bin"), config.environment["PATH"]])

config.substitutions += [
    ("%moa_build", config.moa_build_dir),
    ("%python", config.python),
    ("%goldens", os.path.join(config.test_source_root, "Inputs", "goldens")),
]
