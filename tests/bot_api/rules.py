"""Does a request keep to the Bot API? `violations_of` says in words where it does not. The table is `table.json`.

Values come as a form carries them (everything is a string, objects are JSON) or as JSON itself. What Telegram demands
without saying so beside a parameter stands below, each rule with its page.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "table.json"
MOST_BUTTONS, MOST_IN_A_ROW = 100, 8
"""https://limits.tginfo.me: more are refused (reply markup too long) or cut off."""
MOST_ENTITIES = 100
"""https://limits.tginfo.me: later ones are dropped silently."""
LARGEST_PHOTO = 10 * 1024 * 1024
"""https://core.telegram.org/bots/api#sending-files"""
_WHOLE = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")


@cache
def table() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return known


def violations_of(method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> list[str]:
    """What is wrong with this request; nothing, as a rule. `uploads` are the files that came along, by their names."""
    known = table()["methods"].get(method)
    if known is None:
        return [f"{method}: the table has no such method (python -m tests.bot_api.derive)"]
    try:
        found = [*_object(known, fields, "", uploads), *_by_hand(method, fields, uploads)]
    except json.JSONDecodeError as error:
        found = [f"not JSON: {error}"]
    return [f"{method}: {one}" for one in found]


def _object(known: dict[str, Any], given: dict[str, Any], at: str, uploads: dict[str, Any]) -> Iterator[str]:
    """`given` has all that is needed, nothing else, and each in its form."""
    parts = set() if at else uploads.keys()
    for name in given.keys() - known.keys() - parts:
        yield f"{at}{name} is unknown"
    for name, field in known.items():
        fixed = isinstance(field["type"], dict) and "one_of" in field["type"]
        if name in given and given[name] is not None:
            yield from _field(field, given[name], f"{at}{name}", uploads, given)
        elif (field.get("required") or fixed) and name not in parts:
            yield f"{at}{name} is missing"
        elif "unless" in field and given.get(field["unless"]) is None:
            yield f"{at}{name} is missing, and so is {field['unless']}"


def _field(
    field: dict[str, Any], value: Any, at: str, uploads: dict[str, Any], beside: dict[str, Any]
) -> Iterator[str]:
    problems = _kind(field["type"], value, at, uploads)
    yield from problems
    if field.get("deprecated"):
        yield f"{at} is deprecated"
    if "only_for" in field and beside.get("type") != field["only_for"]:
        yield f"{at} is only for {field['only_for']}"
    if not problems:
        yield from _limits(field, value, at)


def _limits(field: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    length = len(str(value).encode("utf-16-le")) // 2 if field.get("utf16") else len(str(value))
    measures = {"characters": length, "bytes": len(str(value).encode())}
    for unit, measure in measures.items():
        if unit in field and not field[unit][0] <= measure <= field[unit][1]:
            yield f"{at} has {measure} {unit}, not {field[unit][0]} to {field[unit][1]}"
    if "characters" in field and field["characters"][0] and not str(value).strip():
        yield f"{at} is blank"
    if "items" in field and not field["items"][0] <= len(_decoded(value)) <= field["items"][1]:
        yield f"{at} has {len(_decoded(value))} items, not {field['items'][0]} to {field['items'][1]}"
    if "range" in field and not field["range"][0] <= int(value) <= field["range"][1]:
        yield f"{at} is {value}, not {field['range'][0]} to {field['range'][1]}"
    if "pattern" in field and not re.fullmatch(field["pattern"], str(value)):
        yield f"{at} is {value!r}, which is no {field['pattern']}"
    if "one_of" in field and value not in field["one_of"]:
        yield f"{at} is {value!r}, none of {field['one_of']}"


def _kind(kind: Any, value: Any, at: str, uploads: dict[str, Any]) -> list[str]:
    """Why this value is not of this kind. Of several kinds, the one that comes nearest speaks."""
    if isinstance(kind, list):
        if "InputFile" in kind and str(value).startswith("attach://"):
            return _kind("InputFile", value, at, uploads)
        return min((_kind(one, value, at, uploads) for one in kind), key=len)
    if isinstance(kind, dict) and "one_of" in kind:
        fits = value in kind["one_of"] or any(value == json.dumps(one) for one in kind["one_of"])
        return [] if fits else [f"{at} is {value!r}, none of {kind['one_of']}"]
    if isinstance(kind, dict):
        items = _decoded(value)
        if not isinstance(items, list):
            return [f"{at} is no list"]
        inside = (_kind(kind["array"], one, f"{at}[{number}]", uploads) for number, one in enumerate(items))
        return [problem for problems in inside for problem in problems]
    if kind in _SIMPLE:
        return [] if _SIMPLE[kind](value) else [f"{at} is {value!r}, no {kind}"]
    if kind == "InputFile":
        there = isinstance(value, str) and value.removeprefix("attach://") in uploads
        return [] if there else [f"{at} names a file that did not come along"]
    given, form = _decoded(value), table()["types"][kind]
    if not isinstance(given, dict):
        return [f"{at} is no {kind}"]
    return [*_object(form["fields"], given, f"{at}.", uploads), *_choice(form, given, at)]


_SIMPLE: dict[str, Callable[[Any], bool]] = {
    "Integer": lambda value: _is_whole(value),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool) or value in ("true", "false"),
    "Float": lambda value: _is_number(value),
    "Anything": lambda _value: True,
}


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) or (isinstance(value, str) and bool(_NUMBER.fullmatch(value)))
    return number and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    whole = isinstance(value, int) or (isinstance(value, str) and bool(_WHOLE.fullmatch(value)))
    return whole and not isinstance(value, bool)


def _choice(form: dict[str, Any], given: dict[str, Any], at: str) -> Iterator[str]:
    """What a button does: one thing."""
    for rule, least in (("exactly_one", 1), ("at_most_one", 0)):
        if rule in form:
            chosen = sorted(given.keys() - set(form[rule]))
            if not least <= len(chosen) <= 1:
                yield f"{at} does {len(chosen)} things: {chosen}"


def _by_hand(method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Iterator[str]:
    for text, entities, mode in (("text", "entities", "parse_mode"), ("caption", "caption_entities", "parse_mode")):
        if fields.get(entities):
            if fields.get(mode):
                yield f"{entities} and {mode} are given both"
            yield from _entities(str(fields.get(text, "")), _decoded(fields[entities]))
    yield from _markup(_decoded(fields["reply_markup"]) if fields.get("reply_markup") else {}, fields)
    if method == "getUpdates":
        wanted = _decoded(fields.get("allowed_updates", []))
        yield from (f"allowed_updates: there is no {kind}" for kind in wanted if kind not in table()["updates"])
    if method in {"sendPhoto", "sendMediaGroup"}:
        named = set(re.findall(r"attach://([\w-]+)", json.dumps(fields))) | ({"photo"} & uploads.keys())
        yield from (f"the file {name} is sent and not used" for name in uploads.keys() - named)
        large = [name for name, upload in uploads.items() if len(upload.get("data", b"")) > LARGEST_PHOTO]
        yield from (f"the photo {name} is larger than 10 MB" for name in large)


def _entities(text: str, entities: list[dict[str, Any]]) -> Iterator[str]:
    """https://core.telegram.org/bots/api#messageentity, counted in UTF-16 units."""
    units = len(text.encode("utf-16-le")) // 2
    if len(entities) > MOST_ENTITIES:
        yield f"{len(entities)} entities, of which Telegram shows {MOST_ENTITIES}"
    for one in entities:
        offset, length = int(one.get("offset", -1)), int(one.get("length", 0))
        if offset < 0 or length < 1 or offset + length > units:
            yield f"an entity ({one.get('type')}, {offset} + {length}) lies outside of the text of {units}"
        if one.get("type") == "text_link" and not one.get("url"):
            yield "a text_link leads nowhere"


def _markup(markup: Any, fields: dict[str, Any]) -> Iterator[str]:
    if not isinstance(markup, dict):
        return
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    buttons = [one for row in rows for one in row if isinstance(one, dict)]
    if any(not 1 <= len(row) <= MOST_IN_A_ROW for row in rows) or len(buttons) > MOST_BUTTONS:
        yield f"{len(buttons)} buttons in rows of {[len(row) for row in rows]}"
    if "keyboard" in markup and not buttons:
        yield "a keyboard without buttons"
    for one in buttons:
        if not str(one.get("text", "")).strip():
            yield "a button without a label"
        if "url" in one and not re.match(r"(https?|tg)://[^\s/]", str(one["url"])):
            yield f"a button leads to {one['url']!r}"
        private = [name for name in one if table()["types"]["KeyboardButton"]["fields"].get(name, {}).get("private")]
        if "keyboard" in markup and private and str(fields.get("chat_id", "")).startswith(("-", "@")):
            yield f"{private} is for private chats only"


def _decoded(value: Any) -> Any:
    """As the server reads it."""
    return json.loads(value) if isinstance(value, str) else value
