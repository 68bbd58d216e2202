"""An engine program's end of the pipe: JSON lines in, JSON lines out. Refuses to know what they say."""

import json
import os
import select
from collections.abc import Iterator
from typing import Any


class Commands:
    """Reads from one descriptor, writes to another. The parent ends the program by closing its end."""

    def __init__(self, commands: int, events: int) -> None:
        self._commands, self._events = commands, events
        self._unread = b""
        self.are_open = True

    def say(self, **event: Any) -> None:
        rest = memoryview(json.dumps(event).encode() + b"\n")
        while rest:
            rest = rest[os.write(self._events, rest) :]

    def read(self, *, wait: bool) -> Iterator[dict[str, Any]]:
        """What has come; with `wait`, at least one piece of it."""
        if not select.select([self._commands], [], [], None if wait else 0)[0]:
            return
        piece = os.read(self._commands, 1 << 20)
        self.are_open = bool(piece)
        *lines, self._unread = (self._unread + piece).split(b"\n")
        for line in lines:
            yield json.loads(line)
