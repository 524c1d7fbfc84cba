"""An environment for the packages of benchmarks, where the system lacks them."""

import importlib
import importlib.util
import os
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / ".venv"


def enter_environment(*packages):
    """Go on in .venv beside this file, with `packages` of PyPI installed there,
    unless they can be imported already."""
    missing = [name for name in packages
               if importlib.util.find_spec(name) is None]
    if not missing:
        return
    if pathlib.Path(sys.prefix) != FOLDER:
        python = FOLDER / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        os.execv(python, [python, *sys.argv])
    print(f"Installing {', '.join(missing)} into {FOLDER}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *missing],
                   check=True)
    importlib.invalidate_caches()
