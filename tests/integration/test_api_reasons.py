"""A refused value is explained in the caller's language, the reason included."""

import ast
import re
from typing import Any

import pytest

from api.reasons import BOUNDS, KINDS, OTHER
from core.accounts import choose_locale, register
from core.api_keys import issue_api_key
from core.app import Core
from core.assistants import change_assistant, create_assistant
from core.errors import Invalid
from core.texts import LOCALES
from tests.conftest import MakeAssistant, MakeOwner
from tests.house.source import product_files, tree_of

ENGLISH = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
async def ask(api: Any, owner: MakeOwner, assistant: MakeAssistant) -> Any:
    """POST or PATCH in Russian, below the assistant; the problem that comes back."""
    anna = await owner()
    rosa = await assistant(anna)

    async def refused(path: str, body: Any, method: str = "POST") -> dict[str, Any]:
        url = f"/api/v1/assistants/{rosa.id}{path}" if not path.startswith("/auth") else f"/api/v1{path}"
        answer = await api.open(url, method=method, headers=anna.headers | {"Accept-Language": "ru"}, json=body)
        problem: dict[str, Any] = await answer.get_json()
        assert (answer.status_code, problem["code"]) == (422, "error-invalid"), problem
        return problem

    return refused


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "reason"),
    [
        ("POST", "/auth/register", {"email": "a@b.cd", "password": "short"}, "password", "не меньше 8 знаков"),
        ("POST", "/auth/login", {"email": "nobody", "password": "x"}, "email", "оно записано с ошибкой"),
        ("POST", "/auth/login", {"email": "a@b.cd"}, "password", "оно не указано"),
        ("POST", "/auth/login", ["a"], "body", "здесь нужен объект JSON"),
        ("POST", "/auth/login", {"email": "a@b.cd", "password": ""}, "password", "не меньше 1 знака"),
        ("POST", "/auth/login", {"email": "a@b.cd", "password": 7}, "password", "здесь нужен текст"),
        ("PATCH", "", {"name": "x" * 121}, "name", "не больше 120 знаков"),
        ("PATCH", "", {"locale": "de"}, "locale", "одно из: en, ru"),
        ("PATCH", "", {"colour": "red"}, "colour", "такого поля нет"),
        ("PATCH", "", {"public_page": "perhaps"}, "public_page", "здесь нужно true или false"),
        ("PATCH", "", {"generation": {"top_p": 0}}, "generation.top_p", "число больше 0"),
        ("PATCH", "", {"generation": {"max_tokens": 7}}, "generation.max_tokens", "число не меньше 8"),
        ("PATCH", "", {"answer_policy": {"threshold": 2}}, "answer_policy.threshold", "число не больше 1"),
        ("PATCH", "", {"answer_policy": {"threshold": "x"}}, "answer_policy.threshold", "здесь нужно число"),
        ("PATCH", "", {"answer_policy": {"length": "huge"}}, "answer_policy.length", "одно из: short, medium, long"),
        ("PATCH", "", {"answer_policy": {"small_talk": "no way"}}, "answer_policy.small_talk", "нужно true или false"),
        (
            "PATCH",
            "",
            {"answer_policy": {"allowed_topics": ["x"] * 21}},
            "answer_policy.allowed_topics",
            "не больше 20",
        ),
        (
            "PATCH",
            "",
            {"answer_policy": {"forbidden_topics": [" "]}},
            "answer_policy.forbidden_topics.0",
            "не меньше 1",
        ),
        ("PATCH", "", {"answer_policy": {"forbidden_topics": ["x" * 121]}}, "answer_policy.forbidden_topics.0", "120"),
        ("PATCH", "", {"answer_policy": {"allowed_topics": "x"}}, "answer_policy.allowed_topics", "нужен список"),
        ("POST", "/adapters", {"epochs": 1.5}, "epochs", "здесь нужно целое число"),
        ("POST", "/api-keys", {"name": "x", "scopes": []}, "scopes", "не меньше 1"),
        ("POST", "/api-keys", {"name": "x", "scopes": ["all"]}, "scopes", "из: chat, crm, read, write"),
        ("POST", "/api-keys", {"name": "x", "expires_at": "soon"}, "expires_at", "дата и время с часовым поясом"),
        ("POST", "/documents", {"title": "x", "pairs": {}}, "pairs", "здесь нужен список"),
    ],
)
async def test_the_reason_is_said_in_the_callers_language(
    ask: Any, method: str, path: str, body: Any, field: str, reason: str
) -> None:
    problem = await ask(path, body, method)

    assert problem["field"] == field
    assert reason in problem["detail"]
    said = problem["detail"].replace(field, "").replace(reason, "")
    assert ENGLISH.findall(said) == []


async def test_reasons_of_the_core_are_sentences_in_every_language(core: Core, owner: MakeOwner) -> None:
    anna = await owner()
    rosa = await create_assistant(core, anna.actor, "Rosa")
    for attempt in (
        register("a@example.com", "short"),
        register("\u0130" * 242 + "@example.com", "long enough"),
        choose_locale(anna.user, "de"),
        create_assistant(core, anna.actor, " "),
        change_assistant(anna.actor, rosa, tenant_id=1),
        issue_api_key(rosa, anna.user.id, "k", ["all"]),
    ):
        with pytest.raises(Invalid) as refused:
            await attempt
        said = {core.texts.explain(locale, refused.value) for locale in LOCALES}
        assert len(said) == len(LOCALES)


def test_every_reason_in_the_code_has_its_sentence(core: Core) -> None:
    given = {reason for reason, _, _ in BOUNDS.values()} | set(KINDS.values()) | {OTHER}
    for file in product_files():
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Invalid":
                reasons = [word.value for word in node.keywords if word.arg == "reason"]
                given |= {str(ast.literal_eval(reason)) for reason in reasons}

    assert len(given) > 20
    assert {reason for reason in given if not core.texts.knows(reason)} == set()
