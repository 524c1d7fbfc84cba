"""terminal.py COMMAND...: runs the command with standard error on a terminal
of its own, and prints what arrives there, then what arrives on standard
output."""

import os
import pty
import subprocess
import sys

terminal, command_side = pty.openpty()
command = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE,
                           stderr=command_side)
os.close(command_side)
shown = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # The other side is closed.
        break
    if not piece:
        break
    shown += piece
output = command.stdout.read()
sys.stdout.write("terminal:\n" + shown.decode().replace("\r\n", "\n"))
sys.stdout.write("output:\n" + output.decode())
sys.exit(command.wait())
