"""The loop that serves a model of transformers, when its memory is short: through the very pipe that its parent has."""

import json
import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch

from core.llm.base import Adapter
from core.llm.engine_commands import Commands
from core.llm.transformers_engine import Engine
from core.llm.transformers_loading import LoadedModel, Settings, load_model
from tests.tiny_llama import make_adapter, make_tiny_llama

LONG = list(range(3, 303)) * 3
"""A prompt of 900 tokens, of which a megabyte holds two, and 153 tokens more."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = make_tiny_llama(tmp_path_factory.mktemp("tiny-llama"))
    return Settings(str(folder), str(folder / "for the parent.json"), 4096, 1, 8, 1, cache_mb=1, precision="float32")


@pytest.fixture(scope="module")
def model(settings: Settings) -> LoadedModel:
    return replace(load_model(settings), stops=frozenset())


@pytest.fixture
def adapters(tmp_path: Path) -> list[Adapter]:
    return [make_adapter(tmp_path / f"{tmp_path.name}.{seed}", "tiny", seed) for seed in range(3)]


class Parent:
    """Asks, and gathers what each request says and how it ends."""

    def __init__(self, asks: int, events: int) -> None:
        self._asks, self._events, self._unread = asks, events, b""
        self.said: dict[int, list[int]] = {}
        self.failed: dict[int, str] = {}
        self._open: set[int] = set()

    def ask(self, number: int, ids: list[int], most: int = 5, adapter: Adapter | None = None) -> None:
        self._open.add(number)
        self.said[number] = []
        named = {"id": adapter.id, "folder": str(adapter.folder)} if adapter else None
        self.send(ask=number, ids=ids, adapter=named, most=most, temperature=0.0, top_p=1.0)

    def send(self, **command: Any) -> None:
        os.write(self._asks, json.dumps(command).encode() + b"\n")

    def listen(self) -> None:
        """Until all have ended."""
        while self._open:
            assert select.select([self._events], [], [], 60)[0], f"{self._open} do not end"
            *lines, self._unread = (self._unread + os.read(self._events, 1 << 16)).split(b"\n")
            for line in lines:
                self._hear(json.loads(line))

    def answer(self, ids: list[int], most: int = 5, adapter: Adapter | None = None) -> list[int]:
        """What one says when nobody else is there."""
        number = 1000 + len(self.said)
        self.ask(number, ids, most, adapter)
        self.listen()
        assert number not in self.failed, self.failed[number]
        return self.said[number]

    def _hear(self, event: dict[str, Any]) -> None:
        for number, tokens in event.get("tokens", ()):
            self.said[number] += tokens
        if "failed" in event:
            self.failed[event["failed"]] = event["reason"]
        self._open.discard(event.get("end", event.get("failed")))


@contextmanager
def _serving(model: LoadedModel, settings: Settings) -> Iterator[Parent]:
    (to_engine, asks), (events, from_engine) = os.pipe(), os.pipe()
    engine = Engine(model, settings, Commands(to_engine, from_engine))
    thread = Thread(target=engine.run)
    thread.start()
    try:
        yield Parent(asks, events)
    finally:
        os.close(asks)
        thread.join(60)
        for end in (to_engine, events, from_engine):
            os.close(end)


@pytest.fixture
def parent(model: LoadedModel, settings: Settings) -> Iterator[Parent]:
    with _serving(model, settings) as serving:
        yield serving


def test_prompts_that_the_memory_does_not_hold_together_are_answered_after_one_another(parent: Parent) -> None:
    prompts = [LONG[n:] for n in range(6)]
    alone = [parent.answer(prompt) for prompt in prompts]
    for number, prompt in enumerate(prompts):
        parent.ask(number, prompt)
    parent.listen()
    assert not parent.failed
    assert [parent.said[number] for number in range(6)] == alone


def test_a_prompt_that_the_memory_never_holds_is_told_so_and_the_others_notice_nothing(parent: Parent) -> None:
    alone = parent.answer(LONG, most=40)
    parent.ask(1, LONG, most=40)
    parent.ask(2, LONG * 3)
    parent.ask(3, LONG, most=40)
    parent.listen()
    assert parent.failed == {2: "no memory for a further answer"}
    assert parent.said[1] == parent.said[3] == alone


def test_a_prompt_that_the_memory_never_holds_does_not_make_its_own_adapter_come_and_go_for_ever(
    parent: Parent, adapters: list[Adapter]
) -> None:
    parent.ask(1, LONG * 3, adapter=adapters[0])
    parent.listen()
    assert parent.failed == {1: "no memory for a further answer"}


def test_when_answers_outgrow_the_memory_the_newest_ends_and_the_elder_is_whole(parent: Parent) -> None:
    alone = parent.answer(LONG, most=200)
    parent.ask(1, LONG, most=200)
    parent.ask(2, LONG, most=200)
    parent.listen()
    assert parent.failed == {2: "no memory for a longer answer"}
    assert parent.said[1] == alone
    assert alone[: len(parent.said[2])] == parent.said[2]
    assert len(alone) == 200


def test_who_goes_away_while_he_waits_for_memory_leaves_his_place(parent: Parent) -> None:
    parent.ask(1, LONG, most=50)
    parent.ask(2, LONG, most=50)
    parent.ask(3, LONG * 2)
    parent.send(cancel=3)
    parent._open.discard(3)
    parent.listen()
    assert parent.answer([5, 6, 7])
    assert not parent.failed


def test_an_adapter_without_memory_makes_the_unused_ones_go(
    parent: Parent, adapters: list[Adapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = parent.answer([5, 6, 7], adapter=adapters[0])
    with _memory_ends(monkeypatch, times=1):
        other = parent.answer([5, 6, 7], adapter=adapters[1])
    make_adapter(adapters[0].folder, "tiny", 77)
    assert parent.answer([5, 6, 7], adapter=adapters[0]) != first, "it was dropped, so it is read anew"
    assert parent.answer([5, 6, 7], adapter=adapters[1]) == other


def test_an_adapter_that_finds_no_memory_at_all_is_told_so_once(
    parent: Parent, adapters: list[Adapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = parent.answer([5, 6, 7], adapter=adapters[0])
    with _memory_ends(monkeypatch, times=9):
        parent.ask(1, [5, 6, 7], adapter=adapters[1])
        parent.listen()
    assert parent.failed == {1: "no memory for a further answer"}
    assert parent.answer([5, 6, 7], adapter=adapters[0]) == plain


@contextmanager
def _memory_ends(monkeypatch: pytest.MonkeyPatch, times: int) -> Iterator[None]:
    """While weights are read."""
    import core.llm.transformers_adapters as reading

    read, left = reading.load_file, iter(range(times))

    def load_file(file: Path) -> Any:
        if next(left, None) is not None:
            raise torch.OutOfMemoryError
        return read(file)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "load_file", load_file)
        yield
