"""What a server of OpenAI's protocol tells of itself: its first model's name, and how much that holds.

Ollama drops a model that nobody has asked for a while, and stops loading it again when whoever asked goes away; our
customers wait three seconds. So it is told to load the model at once, and to keep it. Refuses to know customers.
"""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from core.errors import ModelUnavailable
from core.llm.openai_events import BROKEN, StreamBroken, read_body
from core.storable import storable

LONGEST_LIST = 4 << 20
LONGEST_NAME = 200
LEAST_CONTEXT, MOST_CONTEXT = 256, 10_000_000
"""What stands outside of these is no number of tokens."""


@dataclass(frozen=True, slots=True)
class Told:
    """`context_tokens` is None where a server does not say. `keeps` is false of one that drops idle models."""

    model: str
    context_tokens: int | None = None
    keeps: bool = True


class Server:
    """`url` ends in /v1; what is no part of OpenAI's protocol lies beside that. Its caller sets the time limits."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self._root, self._session = url, url.removesuffix("/v1"), session

    async def tell(self, model: str) -> Told:
        """Of `model`, or of its first one where that is empty. Raises one of `BROKEN` when it is no such server."""
        entry = _entry(await self._get(f"{self._url}/models"), model)
        name = model or _name_in(entry)
        # vLLM and SGLang say max_model_len, OpenRouter and LM Studio context_length, Groq context_window.
        for key in ("max_model_len", "context_length", "context_window"):
            if holds := _tokens(entry.get(key)):
                return Told(name, holds)
        if "meta" in entry:  # llama.cpp
            return Told(name, await self._holds_of_llama_cpp(name, entry["meta"]))
        return Told(name, keeps=not await self._is_ollama())

    async def load(self, model: str) -> Told:
        """Of an Ollama: load the model and keep it (https://docs.ollama.com/api/generate, `keep_alive`). Minutes, if
        it is large. Raises one of `BROKEN`."""
        order = {"model": model, "keep_alive": -1, "stream": False}
        await self._read("POST", f"{self._root}/api/generate", json=order)
        running = await self._get(f"{self._root}/api/ps")
        names = (model, f"{model}:latest")
        found = [one for one in _list_in(running, "models") if one.get("name") in names]
        return Told(model, _tokens(found[0].get("context_length")) if found else None, keeps=False)

    async def _holds_of_llama_cpp(self, model: str, meta: Any) -> int | None:
        """A place's share of the cache, or else what the model was made for."""
        try:
            props = await self._get(f"{self._root}/props", model=model)
            holds = _tokens(props["default_generation_settings"]["n_ctx"])
        except (*BROKEN, LookupError, TypeError):
            holds = None
        return holds or (_tokens(meta.get("n_ctx_train")) if isinstance(meta, dict) else None)

    async def _is_ollama(self) -> bool:
        try:
            return "version" in await self._get(f"{self._root}/api/version")
        except (*BROKEN, TypeError):
            return False

    async def _get(self, url: str, **query: str) -> Any:
        return await self._read("GET", url, params=query)

    async def _read(self, method: str, url: str, **asked: Any) -> Any:
        """An answer's JSON."""
        if self._session.closed:
            raise ModelUnavailable(reason="the model is closed")
        async with self._session.request(method, url, allow_redirects=False, **asked) as response:
            body = await read_body(response, LONGEST_LIST)
            if response.status != 200:
                raise StreamBroken(f"status {response.status}: {body[:100]!r}")
        try:
            return json.loads(body)
        except RecursionError as deep:
            raise StreamBroken("brackets in brackets") from deep


def _entry(listed: Any, model: str) -> dict[str, Any]:
    """What the answer to GET /models says of a model; nothing, when it is not listed under this name."""
    models = [one for one in _list_in(listed, "data") if "id" in one]
    if model:
        return next((one for one in models if one["id"] in (model, f"{model}:latest")), {})
    if not models:
        raise StreamBroken(f"no list of models: {str(listed)[:100]}")
    return models[0]


def _name_in(entry: dict[str, Any]) -> str:
    """It stands beside every answer in the database, as storable text."""
    name = storable(str(entry["id"]))
    if not 1 <= len(name) <= LONGEST_NAME:
        raise StreamBroken(f"no name of a model: {name[:100]}")
    return name


def _list_in(answer: Any, name: str) -> list[dict[str, Any]]:
    found = answer.get(name) if isinstance(answer, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _tokens(said: Any) -> int | None:
    return said if type(said) is int and LEAST_CONTEXT <= said <= MOST_CONTEXT else None
