"""What a child of the nursery does in tests: `main` of this module, in the place of a reader's."""

import os
import signal
import sys
import time


def main(arguments: list[str]) -> None:
    """ "signal 11" dies of it, "raise" of an exception, "time" of too much CPU; "family" has a child and waits."""
    what = arguments[0]
    if what == "signal":
        os.kill(os.getpid(), int(arguments[1]))
    if what == "raise":
        raise ValueError
    if what == "time":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (1, 5))
        while True:
            pass
    if what == "family" and os.fork():
        signal.pause()
    if what == "family":
        time.sleep(60)
    os.write(1, f"{os.getpid()} {sys.stdin.fileno()}".encode())
