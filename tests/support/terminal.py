"""A command on a terminal, driven as a person would."""

import collections
import os
import select
import subprocess
import termios
import time

from support.node import binary

SECONDS = 60
PROMPTS = (b": ", b"] ")
Ended = collections.namedtuple("Ended", "code shown echo")


def on_terminal(args, typed, env=None, cwd=None):
    """Types each text when a prompt waits; a text without a line end is a key that needs none, such as Ctrl-C.

    Returns the exit code, what the terminal showed, and whether it echoes afterwards.
    """
    master, slave = os.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", binary(), *map(str, args)], stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=dict(os.environ, **(env or {}))
    )
    shown, waiting = b"", list(typed)
    deadline = time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([master], [], [], 0.02)
        if ready:
            shown += os.read(master, 4096)
            if waiting and shown.endswith(PROMPTS):
                os.write(master, waiting.pop(0).encode())
        elif process.poll() is not None:
            break
        elif time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise AssertionError(f"it waits: {shown.decode(errors='replace')}")
    echo = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
    os.close(master)
    os.close(slave)
    return Ended(process.returncode, shown.decode(), echo)
