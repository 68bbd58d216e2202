"""Every sentence exists in every language, says the same things, and is used."""

import ast
import re

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from core.texts import FOLDER, LOCALES, Texts
from tests.house.source import named, product_files, tree_of
from tests.subprocesses import ROOT

KEY = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")


class _Variables(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # the library's naming
        self.found.add(node.id.name)


def _sentences(locale: str) -> dict[str, set[str]]:
    """Key -> names of the facts that its sentence uses."""
    resource = FluentParser().parse((FOLDER / f"{locale}.ftl").read_text(encoding="utf-8"))
    junk = [entry.content for entry in resource.body if isinstance(entry, ftl.Junk)]
    assert not junk, f"{locale}.ftl cannot be read: {junk}"
    keys = [entry.id.name for entry in resource.body if isinstance(entry, ftl.Message)]
    assert len(keys) == len(set(keys)), f"{locale}.ftl says twice: {sorted({k for k in keys if keys.count(k) > 1})}"
    sentences = {}
    for entry in resource.body:
        if isinstance(entry, ftl.Message):
            assert entry.value is not None, f"{locale}.ftl: {entry.id.name} has no sentence"
            variables = _Variables()
            variables.visit(entry)
            sentences[entry.id.name] = variables.found
    return sentences


def _codes() -> dict[str, str]:
    """Code -> class, of every error class in the house, found without importing any room."""
    return {
        statement.value.value: f"{named(file)}:{node.name}"
        for file in product_files()
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and isinstance(statement.value, ast.Constant)
        and str(statement.value.value).startswith("error-")
    }


def _said_in_code() -> dict[str, str]:
    """Key -> where. Any string in the code that looks like a key and stands where a key stands."""
    found: dict[str, str] = {}
    for file in product_files():
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                for argument in node.args[1:2]:
                    for part in ast.walk(argument):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str) and KEY.fullmatch(part.value):
                            found.setdefault(part.value, f"{named(file)}:{node.lineno}")
    return found


def _strings_in_code() -> set[str]:
    """Of all modules, and what the pages' templates say."""
    said_on_pages = {
        key
        for page in (ROOT / "api" / "templates").glob("*.html")
        for key in re.findall(r"""\bt\(["']([a-z-]+)["']""", page.read_text(encoding="utf-8"))
    }
    return said_on_pages | {
        node.value
        for file in product_files()
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_both_languages_have_the_same_sentences_with_the_same_facts() -> None:
    english, russian = _sentences("en"), _sentences("ru")

    assert set(english) == set(russian)
    assert {key: (english[key], russian[key]) for key in english if english[key] != russian[key]} == {}


def test_every_error_that_a_person_may_see_has_a_sentence() -> None:
    texts = Texts()
    codes = _codes()

    assert "error-not-found" in codes
    assert {code: place for code, place in codes.items() if not texts.knows(code)} == {}


def test_no_key_that_the_code_says_is_missing() -> None:
    texts = Texts()

    assert {key: place for key, place in _said_in_code().items() if not texts.knows(key)} == {}


def test_no_sentence_is_left_that_nobody_says() -> None:
    """Whole keys, and beginnings of keys that are put together in the code ("document-status-{…}")."""
    strings = _strings_in_code()
    beginnings = tuple(text for text in strings if re.fullmatch(r"[a-z]+(?:-[a-z0-9]+)*-", text))

    assert [key for key in _sentences("en") if key not in strings and not key.startswith(beginnings)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_can_be_said(locale: str) -> None:
    """With any number for each fact, as counting words need it."""
    texts = Texts()
    for key, facts in _sentences(locale).items():
        for number in (0, 1, 2, 5, 21):
            assert texts.say(locale, key, **dict.fromkeys(facts, number)).strip()


def test_a_key_that_nobody_wrote_and_a_fact_that_nobody_gave_are_mistakes() -> None:
    texts = Texts()

    with pytest.raises((KeyError, LookupError)):
        texts.say("en", "no-such-key")
    with pytest.raises(KeyError):
        texts.say("en", "error-document-too-large")


def test_an_unknown_language_reads_english() -> None:
    texts = Texts()

    assert texts.say("de", "error-not-found") == texts.say("en", "error-not-found")
    assert texts.say("ru", "error-not-found") != texts.say("en", "error-not-found")


def test_whoever_says_a_sentence_gives_it_all_its_facts() -> None:
    """Where the key stands in the call. Functions of a file that add facts by themselves are not looked at."""
    needed, missing = _sentences(LOCALES[0]), []
    for file in product_files():
        for call in ast.walk(tree_of(file)):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if call.func.attr not in ("words", "button", "say") or any(one.arg is None for one in call.keywords):
                continue
            keys = [one.value for one in call.args[:2] if isinstance(one, ast.Constant) and one.value in needed]
            lacking = needed[str(keys[0])] - {one.arg for one in call.keywords} if keys else set()
            if lacking:
                missing.append(f"{named(file)}:{call.lineno}: {keys[0]} needs {sorted(lacking)}")
    assert missing == []
