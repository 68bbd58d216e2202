"""Every error has a sentence in every language, and the sentence needs no fact that the error does not promise."""

from collections.abc import Iterator

import pytest

from core.errors import ProductError
from core.texts import LOCALES, Texts

FACTS: dict[str, str | int] = {
    "trainable": "SmolLM2",
    **{"field": "name", "reason": "1 to 120 characters", "limit": 5, "question": "Where?", "limit_mb": 50, "pages": 3},
    **{"found": 4, "needed": 20, "adapter_base": "one model", "base": "another model"},
    **{"model": "gpt-oss", "most": 512, "who": "Olga", "business": "Copper Kettle"},
    **{"username": "kettle_bot", "assistant": "Copper Kettle"},
    **{"made_by": "2.0.0", "team": "Otters", "scopes": "chat:write"},
    **{"save_as": "XLSX", "port": "8080", "host": "127.0.0.1"},
}
PROMISED = {
    "error-invalid": {"field", "reason"},
    "error-bot-of-yours": {"username", "assistant"},
    "error-slack-taken": {"team"},
    "error-slack-of-yours": {"team", "assistant"},
    "error-slack-scopes-missing": {"scopes"},
    "error-slack-install-failed": {"reason"},
    "error-too-many-assistants": {"limit"},
    "error-too-many-sites": {"limit"},
    "error-shopper-full": {"limit"},
    "error-shopper-asked": {"question"},
    "error-too-many-wordings": {"limit"},
    "error-too-many-webhooks": {"limit"},
    "error-conversation-taken": {"who"},
    "error-already-member": {"business"},
    "error-role-needed": {"who"},
    "error-document-too-large": {"limit_mb"},
    "error-document-scanned": {"pages"},
    "error-document-type-old": {"save_as"},
    "error-document-unreadable": {"pages"},
    "error-document-partly-scanned": {"pages"},
    "error-page-too-large": {"limit_mb"},
    "error-too-little-data": {"found", "needed"},
    "error-cannot-train": {"base"},
    "error-adapter-mismatch": {"adapter_base", "base"},
    "error-port-unavailable": {"port", "host", "reason"},
    "error-no-such-model": {"model"},
    "error-archive-broken": {"reason"},
    "error-archive-too-new": {"made_by"},
    "error-archive-too-large": {"limit_mb"},
    "error-prompt-too-long": {"most"},
}


CHOOSE = {"error-examples-unreadable": "broken", "error-training-failed": "memory", "error-role-needed": "owner"}
"""A reason that chooses the sentence, and does not stand in it."""


def _codes(root: type[ProductError]) -> Iterator[str]:
    yield root.code
    for child in root.__subclasses__():
        yield from _codes(child)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", sorted(set(_codes(ProductError))))
def test_an_error_says_what_is_wrong_and_what_to_do(code: str, locale: str) -> None:
    facts = {name: FACTS[name] for name in PROMISED.get(code, ())}
    chosen = {"reason": CHOOSE[code]} if code in CHOOSE else {}
    sentence = Texts().say(locale, code, **facts, **chosen)
    assert len(sentence) > 30
    assert all(str(value) in sentence for value in facts.values())


@pytest.mark.parametrize(
    ("pages", "words"), [(1, "1 страница"), (3, "3 страницы"), (5, "5 страниц-"), (21, "21 страница")]
)
def test_russian_counts_pages_as_russians_do(pages: int, words: str) -> None:
    assert words in Texts().say("ru", "error-document-scanned", pages=pages)
