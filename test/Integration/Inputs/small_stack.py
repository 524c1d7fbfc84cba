"""small_stack.py KIB COMMAND...: runs the command with stacks of that size, in
its first thread and in those of the OpenMP runtime."""

import os
import resource
import sys

kib = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_STACK, (kib * 1024, kib * 1024))
os.environ["OMP_STACKSIZE"] = f"{kib}k"
os.environ["OMP_NUM_THREADS"] = "2"
os.execvp(sys.argv[2], sys.argv[2:])
