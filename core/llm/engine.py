"""The program that owns the graph: `python -m core.llm.engine SETTINGS`, a child of the serving process.

A child, because OpenVINO GenAI holds Python's lock for the whole of every step (hundreds of milliseconds while it
reads a prompt), and so that a crash of native code ends no conversation. Token ids in, token ids out, JSON lines on
stdin and stdout; it ends when stdin closes. Refuses to know text, tenants and time limits: its parent
(core/llm/openvino.py) does.

    > {"ask": 7, "ids": [...], "adapter": null | {"id", "file", "alpha"}, "most": 160, "temperature": 0, "top_p": 1}
    > {"cancel": 7}     > {"forget": "adapter id"}
    < {"ready": 1.9}    < {"tokens": [[7, [311, 12]], ...]}    < {"end": 7}    < {"failed": 7, "reason": "..."}
"""

import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

from openvino_genai import GenerationStatus

from core.llm.adapter_weights import WeightsUnfit
from core.llm.engine_commands import Commands
from core.llm.pipeline import Pipeline, Settings
from core.llm.rounds import Rounds


@dataclass
class Request:
    """One request's life here. A cancelled one reads its prompt to the end first: it shares half-written cache
    blocks with nobody then."""

    ask: dict[str, Any]
    handle: Any = None
    has_spoken: bool = False
    is_cancelled: bool = False


class Engine:
    def __init__(self, pipeline: Pipeline, settings: Settings, commands: Commands) -> None:
        self._pipeline = pipeline
        self._rounds: Rounds[Request] = Rounds(settings.most_at_once)
        self._running: dict[int, Request] = {}
        self._commands = commands
        self._key: str | None = None

    def run(self) -> None:
        """Until the parent closes its end."""
        while self._commands.are_open:
            for command in self._commands.read(wait=self._rounds.is_empty and not self._running):
                self._obey(command)
            self._start_requests()
            if self._running:
                self._pipeline.step()
                self._report()

    def _obey(self, command: dict[str, Any]) -> None:
        match command:
            case {"ask": number, "adapter": adapter}:
                self._rounds.wait(number, adapter["id"] if adapter else None, Request(command))
            case {"cancel": number}:
                self._cancel(number)
            case {"forget": adapter_id}:
                self._pipeline.forget(adapter_id)

    def _cancel(self, number: int) -> None:
        self._rounds.leave(number)
        if request := self._running.get(number):
            request.is_cancelled = True
            if request.has_spoken:
                request.handle.cancel()

    def _start_requests(self) -> None:
        admitted = self._rounds.admit()
        if admitted and self._rounds.key != self._key:
            self._pipeline.run_out()  # cancelled ones may linger for a step
            try:
                self._pipeline.apply(admitted[0][1].ask["adapter"])
                self._key = self._rounds.key
            except (WeightsUnfit, RuntimeError) as wrong:
                self._key = ""  # unknown: the next round applies its own
                for number, _ in admitted:
                    self._rounds.finish()
                    self._commands.say(failed=number, reason=str(wrong))
                return
        for number, request in admitted:
            request.handle = self._pipeline.add(number, request.ask)
            self._running[number] = request

    def _report(self) -> None:
        tokens: list[tuple[int, list[int]]] = []
        ended: list[tuple[int, bool]] = []
        for number, request in self._running.items():
            news = self._read_handle(request)
            if news:
                tokens.append((number, news))
            status = request.handle.get_status()
            if status != GenerationStatus.RUNNING:
                ended.append((number, status == GenerationStatus.IGNORED))
        if tokens:
            self._commands.say(tokens=tokens)
        for number, is_starved in ended:
            del self._running[number]
            self._rounds.finish()
            if is_starved:
                self._commands.say(failed=number, reason="the cache is full")
            else:
                self._commands.say(end=number)

    def _read_handle(self, request: Request) -> list[int]:
        news: list[int] = []
        while request.handle.can_read():
            for output in request.handle.read().values():
                news += output.generated_ids
        if news and not request.has_spoken:
            request.has_spoken = True
            if request.is_cancelled:
                request.handle.cancel()
        return [] if request.is_cancelled else news


def main(settings: Settings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair: it closes our stdin
    events = os.dup(1)
    os.dup2(2, 1)  # whatever native code prints goes to the log, not between our lines
    started = time.monotonic()
    pipeline = Pipeline(settings)
    commands = Commands(0, events)
    engine = Engine(pipeline, settings, commands)
    commands.say(ready=round(time.monotonic() - started, 2))
    if not settings.takes_adapters:  # that one was started by a question, which waits
        pipeline.warm_up()
    engine.run()
    os._exit(0)  # the graph's destructors take seconds and free what the system frees anyway


if __name__ == "__main__":
    main(Settings(**json.loads(sys.argv[1])))
