"""Writes `table.json` anew: `python -m tests.bot_api.derive`, when the product calls another method or aiogram changes.

Which methods: those that the product imports from `aiogram.methods`, and those that it names itself. What they take:
aiogram's typed methods and types, with the limits that Telegram's own words beside each parameter tell ("1-4096
characters", "must include 2-10 items", "Exactly one of the fields other than ...").
"""

import ast
import inspect
import json
import re
import types
import typing
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import aiogram
from aiogram import methods
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile, TelegramObject, Update

from tests.house.source import product_files, tree_of

TABLE = Path(__file__).parent / "table.json"
SIMPLE = {int: "Integer", str: "String", bool: "Boolean", float: "Float", datetime: "Integer", timedelta: "Integer"}
BY_HELPERS = {"me": "getMe", "get_file": "getFile"}
"""What aiogram's `Bot` calls when it is asked so."""
MODES = ["HTML", "Markdown", "MarkdownV2"]
"""https://core.telegram.org/bots/api#formatting-options"""
_RANGE = r"(\d+)-(\d+)"


def methods_used() -> set[str]:
    """By the product, as the Bot API names them."""
    named = {
        cls.__api_method__: cls
        for _, cls in inspect.getmembers(methods, inspect.isclass)
        if issubclass(cls, TelegramMethod) and cls is not TelegramMethod
    }
    classes = {cls.__name__: name for name, cls in named.items()}
    found: set[str] = set()
    for file in product_files():
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.ImportFrom) and node.module == "aiogram.methods":
                found |= {classes[alias.name] for alias in node.names if alias.name in classes}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value.lstrip("/")} & named.keys()
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found |= {BY_HELPERS[node.func.attr]} if node.func.attr in BY_HELPERS else set()
    return found


def derive() -> dict[str, Any]:
    """The whole table."""
    by_name = {
        cls.__api_method__: cls
        for _, cls in inspect.getmembers(methods, inspect.isclass)
        if issubclass(cls, TelegramMethod) and cls is not TelegramMethod
    }
    waiting: list[type[TelegramObject]] = []
    told = {name: _fields(by_name[name], waiting) for name in sorted(methods_used())}
    known: dict[str, Any] = {}
    while waiting:
        cls = waiting.pop()
        if cls.__name__ not in known:
            known[cls.__name__] = {}
            known[cls.__name__] = _form(cls, waiting)
    return {
        "about": "Derived by tests/bot_api/derive.py from aiogram's typed methods and types; not edited by hand.",
        "aiogram": aiogram.__version__,
        "bot_api": aiogram.__api_version__,
        "updates": sorted(set(Update.model_fields) - {"update_id"}),
        "methods": told,
        "types": dict(sorted(known.items())),
    }


def _form(cls: type[TelegramObject], waiting: list[type[TelegramObject]]) -> dict[str, Any]:
    """A type: its fields, and how many of them may be used at once."""
    form: dict[str, Any] = {"fields": _fields(cls, waiting)}
    rule = re.search(r"(Exactly|At most) one of the fields other than (.+?) must be used", cls.__doc__ or "")
    if rule:
        form["exactly_one" if rule[1] == "Exactly" else "at_most_one"] = re.findall(r"\*(\w+)\*", rule[2])
    return form


def _fields(cls: type[Any], waiting: list[type[TelegramObject]]) -> dict[str, Any]:
    words = _words(cls)
    return {
        name: {
            "type": _type(field.annotation, waiting),
            **({"required": True} if field.is_required() else {}),
            **_limits(words.get(name, "")),
        }
        for name, field in cls.model_fields.items()
    }


def _words(cls: type[Any]) -> dict[str, str]:
    """What Telegram says of each field; aiogram keeps it below the field."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if one.__module__.startswith(("aiogram.methods.", "aiogram.types.")) and "[" not in one.__name__:
            [node] = [part for part in ast.parse(inspect.getsource(one)).body if isinstance(part, ast.ClassDef)]
            for field, text in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    value = text.value if isinstance(text, ast.Expr) else None
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found[field.target.id] = value.value
    return found


def _type(annotation: Any, waiting: list[type[TelegramObject]]) -> Any:
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return _type(get_args(annotation)[0], waiting)
    if origin in {Union, types.UnionType}:
        kinds = [_type(one, waiting) for one in get_args(annotation) if one not in {type(None), Default}]
        flat = [kind for one in kinds for kind in (one if isinstance(one, list) else [one])]
        unique = [kind for number, kind in enumerate(flat) if kind not in flat[:number]]
        return unique[0] if len(unique) == 1 else unique
    if origin is list:
        return {"array": _type(get_args(annotation)[0], waiting)}
    if origin is typing.Literal:
        return {"one_of": [one.value if isinstance(one, Enum) else one for one in get_args(annotation)]}
    if inspect.isclass(annotation) and issubclass(annotation, InputFile):
        return "InputFile"
    if inspect.isclass(annotation) and issubclass(annotation, TelegramObject):
        waiting.append(annotation)
        return annotation.__name__
    # An alias that contains itself, as rich texts do.
    return SIMPLE.get(annotation, "Anything")


_SAID: tuple[tuple[str, str, Callable[[re.Match[str]], Any]], ...] = (
    ("characters", rf"{_RANGE} characters", lambda said: [int(said[1]), int(said[2])]),
    ("bytes", rf"{_RANGE} bytes", lambda said: [int(said[1]), int(said[2])]),
    ("utf16", r"after entit(?:ies|y) parsing", lambda _said: True),
    ("items", rf"must include {_RANGE} items", lambda said: [int(said[1]), int(said[2])]),
    ("items", r"At most (\d+) \w+ can be specified", lambda said: [0, int(said[1])]),
    ("range", rf"Values between {_RANGE} are accepted", lambda said: [int(said[1]), int(said[2])]),
    ("range", r"Signed 32-bit", lambda _said: [-(2**31), 2**31 - 1]),
    ("pattern", r"only lowercase English letters, digits and underscores", lambda _said: "[a-z0-9_]+"),
    ("pattern", r"two-letter ISO 639-1 language code", lambda _said: "([a-z]{2})?"),
    ("one_of", r"^Mode for parsing entities|^\*Optional\*\. Mode for parsing", lambda _said: MODES),
    ("one_of", r"^Type of action to broadcast", lambda said: re.findall(r"\*(\w+)\*", said.string)),
    ("one_of", r"^Type of the entity|^\*Optional\*\. Style of the", lambda said: re.findall(r"'(\w+)'", said.string)),
    ("only_for", r"For '(\w+)' only", lambda said: said[1]),
    ("private", r"Available in private chats only", lambda _said: True),
    ("deprecated", r"deprecated::", lambda _said: True),
    ("unless", r"[Rr]equired if \*(\w+)\* (?:is not|isn't) specified", lambda said: said[1]),
)
"""A rule, the words that tell it, and how it is read out of them."""


def _limits(words: str) -> dict[str, Any]:
    """What the words of a field demand of its value."""
    return {rule: read(said) for rule, pattern, read in _SAID if (said := re.search(pattern, words))}


if __name__ == "__main__":
    TABLE.write_text(json.dumps(derive(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
