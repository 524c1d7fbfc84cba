"""expect.py STATUS COMMAND...: runs the command, passes its output on, and
fails unless it exits with that status."""

import subprocess
import sys

outcome = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
sys.stdout.write(outcome.stdout)
if outcome.returncode != int(sys.argv[1]):
    print(f"exit status {outcome.returncode}, expected {sys.argv[1]}")
    sys.exit(1)
