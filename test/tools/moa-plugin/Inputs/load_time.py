"""How much longer mlir-opt takes to start with a plugin.
usage: load_time.py LIMIT_MS FILE MLIR-OPT FLAG...

The two starts alternate and the fastest of each counts, so that other work on
the machine does not; it goes on until the difference is below the limit."""

import subprocess
import sys
import time


def start(command):
    before = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 1e3 * (time.perf_counter() - before)


def main():
    limit, file, tool, *flags = sys.argv[1:]
    stock = loaded = float("inf")
    for turn in range(60):
        stock = min(stock, start([tool, file]))
        loaded = min(loaded, start([tool, *flags, file]))
        if turn >= 4 and loaded - stock < float(limit):
            break
    verdict = "within" if loaded - stock < float(limit) else "above"
    print(f"stock {stock:.1f} ms, with plugin {loaded:.1f} ms: {verdict} {limit} ms")


main()
