"""The two engines that `make bench-answer` compares, asked in the same way: ours through its port, as the product
does, and llama.cpp through its own server. Refuses to know what is compared with what."""

import json
import random
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from core.llm.base import Adapter, Sampling, Turn
from core.llm.openvino import OpenVinoLanguageModel

ANSWER_TOKENS = 64
FACTS = 46
_GOODS = "kettle teapot cup lamp chair table clock mirror basket blanket candle shelf ladder bucket".split()
_COLOURS = "white black green yellow brown orange silver purple".split()
_CITIES = "London Paris Berlin Madrid Vienna Prague Dublin Lisbon Athens Oslo".split()


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from the question to the first piece and to the last, and how many tokens came."""

    first_s: float
    total_s: float
    tokens: int


class Engine(Protocol):
    async def ask(self, turns: list[Turn], *, with_adapter: bool = False) -> Timing:
        """One answer of at most `ANSWER_TOKENS`, greedily."""
        ...


def new_prompt() -> list[Turn]:
    """About 900 tokens, never the same from the first fact on. Whoever repeats the list speaks long enough."""
    chosen = random.SystemRandom()
    facts = [
        f"The {chosen.choice(_COLOURS)} {chosen.choice(_GOODS)} from {chosen.choice(_CITIES)} costs "
        f"{chosen.randint(11, 99)} euros and weighs {chosen.randint(2, 9)} kilos."
        for _ in range(FACTS)
    ]
    system = Turn("system", "You are the assistant of a business and repeat what you are given.")
    return [system, Turn("user", "Text:\n" + "\n".join(facts) + "\n\nRepeat the whole text word for word.")]


def asked_again(turns: list[Turn]) -> list[Turn]:
    """The same text with another question behind it: an engine has read all but the last words."""
    return [turns[0], Turn("user", turns[1].content + " Begin with the first line.")]


@dataclass(frozen=True, slots=True)
class Ours:
    model: OpenVinoLanguageModel
    adapter: Adapter

    async def ask(self, turns: list[Turn], *, with_adapter: bool = False) -> Timing:
        adapter = self.adapter if with_adapter else None
        scope = f"bench:shop:{adapter.id if adapter else 'base'}"
        started, first, text = time.monotonic(), 0.0, ""
        async with aclosing(self.model.stream(turns, Sampling(ANSWER_TOKENS), scope=scope, adapter=adapter)) as pieces:
            async for piece in pieces:
                first = first or time.monotonic()
                text += piece
        return Timing(first - started, time.monotonic() - started, self.model.count_tokens(text))


@dataclass(frozen=True, slots=True)
class LlamaCpp:
    url: str
    session: aiohttp.ClientSession

    async def ask(self, turns: list[Turn], *, with_adapter: bool = False) -> Timing:
        request = {
            "messages": [{"role": turn.role, "content": turn.content} for turn in turns],
            "max_tokens": ANSWER_TOKENS, "temperature": 0, "stream": True, "ignore_eos": True,
            "lora": [{"id": 0, "scale": float(with_adapter)}],
        }  # fmt: skip
        started, first, tokens = time.monotonic(), 0.0, 0
        async with self.session.post(f"{self.url}/v1/chat/completions", json=request) as response:
            response.raise_for_status()
            async for line in response.content:
                event = json.loads(line[6:]) if line.startswith(b"data: {") else {"choices": []}
                if event["choices"] and event["choices"][0]["delta"].get("content"):
                    first = first or time.monotonic()
                tokens = event.get("timings", {}).get("predicted_n", tokens)
        return Timing(first - started, time.monotonic() - started, tokens)
