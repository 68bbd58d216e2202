"""The program that owns a model of transformers: `python -m core.llm.transformers_engine SETTINGS`, a child process.

A child, because PyTorch and its work between two products would hold up every conversation, an error on a GPU can be
healed only by a new process, and the serving process stays free of PyTorch. It speaks as core/llm/engine.py does, but
is asked with turns, not tokens: the chat template needs transformers. Refuses to know tenants and time limits.

    > {"ask": 7, "turns": [{"role", "content"}], "adapter": null | {"id", "folder"}, "most", "temperature", "top_p"}
    > {"cancel": 7}     > {"forget": "adapter id"}
    < {"ready": 1.9, "context": 8192, "answer_end": ""}    < {"tokens": [[7, [311]], ...]}
    < {"end": 7}    < {"failed": 7, "reason"}
"""

import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Set
from pathlib import Path
from typing import Any

import psutil
import torch

from core.llm.engine_commands import Commands
from core.llm.transformers_adapters import AdapterShelf, AdapterUnfit
from core.llm.transformers_batch import OUT_OF_MEMORY, Batch, NoMemory, Row
from core.llm.transformers_loading import LoadedModel, Settings, load_model
from core.llm.transformers_lora import BASE, LoraRows
from core.llm.transformers_prompt import PromptUnfit

MEGABYTE = 1_000_000
PROMPTS_A_STEP = 2048
"""Tokens of prompts that are read before those who already speak get their next token."""


class Engine:
    """Requests wait in order of their coming; one that finds no place, or whose adapter finds none, holds up those
    behind it, so that it is not passed by for ever. `_room` is how many rows the memory has lately had room for."""

    def __init__(self, model: LoadedModel, settings: Settings, commands: Commands) -> None:
        self._model, self._commands = model, commands
        loras = LoraRows(model.net, model.device, model.dtype)
        self._shelf = AdapterShelf(model.net, loras, settings.adapters_mb * MEGABYTE)
        self._batch = Batch(model.net, model.device, loras, settings.cache_mb * MEGABYTE or _spare(model.device))
        self._waiting: deque[dict[str, Any]] = deque()
        self._at_once = self._room = settings.at_once

    def run(self) -> None:
        """Until the parent closes its end."""
        while self._commands.are_open:
            for command in self._commands.read(wait=not self._waiting and not self._batch.rows):
                self.obey(command)
            self._shelf.sweep(self._batch.adapters)
            self._admit()
            if self._batch.rows:
                self._step()

    def obey(self, command: dict[str, Any]) -> None:
        match command:
            case {"ask": _}:
                self._waiting.append(command)
            case {"cancel": number}:
                self._waiting = deque(ask for ask in self._waiting if ask["ask"] != number)
                for row in [row for row in self._batch.rows if row.number == number]:
                    self._leave(row)
            case {"forget": adapter_id}:
                self._shelf.forget(adapter_id)

    def _admit(self) -> None:
        read = 0
        while self._waiting and len(self._batch.rows) < self._room and read < PROMPTS_A_STEP:
            row = None
            try:
                row = self._row_of(self._waiting[0])
                if row is None:
                    return
                self._batch.join(row)
            except (PromptUnfit, AdapterUnfit) as wrong:
                self._fail(self._waiting.popleft()["ask"], str(wrong))
            except (*OUT_OF_MEMORY, NoMemory):
                if not self._finds_room({row.adapter} if row else set()):
                    self._fail(self._waiting.popleft()["ask"], "no memory for a further answer")
            else:
                self._waiting.popleft()
                read += len(row.ids)
                self._report([row])

    def _finds_room(self, wanted: Set[str]) -> bool:
        """For one who found none: unused adapters go; else he waits until somebody leaves, if anybody is there."""
        if self._shelf.make_room(self._batch.adapters | wanted):
            self._free()
            return True
        self._room = len(self._batch.rows) or self._at_once
        return bool(self._batch.rows)

    def _row_of(self, ask: dict[str, Any]) -> Row | None:
        """None while its adapter has no place."""
        if "ids" not in ask:  # it may be looked at again
            ask["ids"] = self._model.prompt.ids(ask["turns"])
        ids: list[int] = ask["ids"]
        room = self._model.context_tokens - len(ids)
        if room < 1 or not ids:
            raise PromptUnfit(f"a prompt of {len(ids)} tokens, the model holds {self._model.context_tokens}")
        name: str | None = BASE
        if adapter := ask["adapter"]:
            name = self._shelf.take(adapter["id"], Path(adapter["folder"]), self._batch.adapters)
        if name is None:
            return None
        return Row(ask["ask"], ids, min(room, ask["most"]), ask["temperature"], ask["top_p"], name)

    def _step(self) -> None:
        try:
            self._batch.step()
        except NoMemory as full:
            if self._shelf.make_room(self._batch.adapters):
                self._free()
                return  # and try again
            self._leave(full.row)
            self._fail(full.row.number, "no memory for a longer answer")
        else:
            self._report(list(self._batch.rows))

    def _report(self, rows: list[Row]) -> None:
        """Say each row's latest token; who is done leaves."""
        speaking = [row for row in rows if row.latest not in self._model.stops]
        if speaking:
            self._commands.say(tokens=[[row.number, [row.latest]] for row in speaking])
        for row in rows:
            if row.latest in self._model.stops or row.made >= row.most:
                self._leave(row)
                self._commands.say(end=row.number)

    def _leave(self, row: Row) -> None:
        self._batch.leave(row)
        self._room = self._at_once

    def _fail(self, number: int, reason: str) -> None:
        self._free()
        self._commands.say(failed=number, reason=reason)

    def _free(self) -> None:
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()


def _spare(device: Any) -> int:
    """A GPU says when its memory ends; a CPU's system ends the process, so half of what is free must do."""
    return 0 if device.type == "cuda" else int(psutil.virtual_memory().available // 2)


def main(settings: Settings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair: it closes our stdin
    events = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints goes to the log, not between our lines
    started = time.monotonic()
    try:
        model = load_model(settings)
    except (OSError, ValueError, RuntimeError, ImportError) as wrong:
        sys.exit(f"{settings.model} could not be loaded: {wrong}"[-450:])
    commands = Commands(0, events)
    engine = Engine(model, settings, commands)
    took = round(time.monotonic() - started, 2)
    commands.say(ready=took, context=model.context_tokens, answer_end=model.prompt.end)
    engine.run()
    os._exit(0)  # the system frees it all at once


if __name__ == "__main__":
    main(Settings(**json.loads(sys.argv[1])))
