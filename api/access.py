"""Who may call a route, as decorators. Every route carries exactly one, and a test walks them all.

A guard also turns every id in the URL into its row through `core/tenancy.py`, before the body is looked at: a view
receives `assistant` and `document`, never ids, so it cannot forget to ask whose they are. What belongs to somebody
else is 404.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from quart import g, request

from api.context import the_core
from core.accounts import verify
from core.api_keys import PREFIX, api_key_named
from core.archive.archives import archive_of, find_archive
from core.conversations import answer_given_to, conversation_held_in
from core.customers.export import contact_of
from core.errors import NotFound, Refused, Unauthenticated
from core.learning.data_set import find_example
from core.models import ApiKey, Assistant, Role, User
from core.shopper.whose import question_of, result_of, run_of
from core.tenancy import (
    Actor,
    actor_of,
    actor_with_assistant,
    adapter_of,
    api_key_of,
    change_of,
    channel_of,
    contradiction_of,
    conversation_of,
    delivery_of,
    document_of,
    gap_of,
    invitation_of,
    member_of,
    membership_of,
    near_miss_of,
    passage_edit_of,
    public_assistant,
    quarantined_of,
    site_of,
    verified_answer_of,
    webhook_of,
)

ACCESS = "access"
"""The attribute of a view function that says who may call it.

public; login (any role), manager or owner of a logged-in person; login or key:…, manager or key:…; key:… or visitor;
key:… alone.
"""

ROWS: dict[str, Callable[[Assistant, UUID], Awaitable[Any]]] = {
    "document_id": document_of,
    "item_id": quarantined_of,
    "site_id": site_of,
    "adapter_id": adapter_of,
    "channel_id": channel_of,
    "key_id": api_key_of,
    "answer_id": verified_answer_of,
    "gap_id": gap_of,
    "contradiction_id": contradiction_of,
    "near_miss_id": near_miss_of,
    "hidden_id": passage_edit_of,
    "correction_id": passage_edit_of,
    "conversation_id": conversation_of,
    "archive_id": archive_of,
    "contact_id": contact_of,
    "run_id": run_of,
    "result_id": result_of,
    "question_id": question_of,
    "example_id": lambda assistant, key: find_example(the_core(), assistant, key.hex),
}
"""Argument of a URL -> how its row is found inside the assistant. `assistant_id`, `message_id` and a customer's
`conversation_id` are found below."""

TEAM_ROWS: dict[str, Callable[[Actor, UUID], Awaitable[Any]]] = {
    "member_id": member_of,
    "invitation_id": invitation_of,
    "change_id": change_of,
    "restore_id": find_archive,
    "webhook_id": webhook_of,
    "delivery_id": delivery_of,
    "tenant_id": lambda actor, key: membership_of(actor.user_id, key),
}
"""As `ROWS`, for what belongs to a business and to no assistant of it."""

FindAssistant = Callable[[UUID], Awaitable[Assistant]]
Enter = Callable[[], Awaitable[FindAssistant]]
View = TypeVar("View", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True)
class Customer:
    """On whose behalf a chat is held. `contact_key` is None for a program, which names its customers itself."""

    assistant_id: UUID
    channel: str
    source: str
    contact_key: str | None = None


def public(view: View) -> View:
    """Anybody. An assistant in the URL must have a public page."""
    return _guarded(view, "public", _as_anybody)


def login_required(view: View) -> View:
    """A logged-in person, an operator too: for what is only looked at. `g.actor`."""
    return _guarded(view, "login", _as(Role.OPERATOR))


def person_required(view: View) -> View:
    """A logged-in person, also one who works nowhere just now; `g.user_id`."""

    async def enter() -> FindAssistant:
        g.user_id = await _person()
        return public_assistant

    return _guarded(view, "login", enter)


def manager_required(view: View) -> View:
    """A manager or an owner: for what changes how an assistant answers. `g.actor`."""
    return _guarded(view, "manager", _as(Role.MANAGER))


def owner_required(view: View) -> View:
    """An owner: for keys, channels, and what cannot be brought back. `g.actor`."""
    return _guarded(view, "owner", _as(Role.OWNER))


def login_or_key(scope: str) -> Callable[[View], View]:
    """As `login_required`, or a program with a key of this scope to this very assistant."""
    return lambda view: _guarded(view, f"login or key:{scope}", _as_or_key(Role.OPERATOR, scope))


def manager_or_key(scope: str) -> Callable[[View], View]:
    """As `manager_required`, or a program with a key of this scope to this very assistant; `g.actor` is who made it."""
    return lambda view: _guarded(view, f"manager or key:{scope}", _as_or_key(Role.MANAGER, scope))


def key_or_visitor(scope: str) -> Callable[[View], View]:
    """A program with a key of this scope, or a visitor of a public page; `g.customer`."""

    async def enter() -> FindAssistant:
        token = _bearer()
        if token.startswith(PREFIX):
            key = await _key_with(scope)
            g.customer = Customer(key.assistant_id, "api", f"api:{key.id}")
            return _only(key)
        claims = verify(the_core().keyring, "visitor", token)
        assistant = await public_assistant(UUID(claims["assistant"]))
        g.customer = Customer(assistant.id, "web", f"web:{claims['sub']}", claims["sub"])
        return public_assistant

    return lambda view: _guarded(view, f"key:{scope} or visitor", enter)


def key_required(scope: str) -> Callable[[View], View]:
    """A program with a key of this scope, and nobody else; `g.customer`, and `g.assistant`, the one that it opens."""

    async def enter() -> FindAssistant:
        key = await _key_with(scope)
        g.customer = Customer(key.assistant_id, "api", f"api:{key.id}")
        g.assistant = key.assistant
        return _only(key)

    return lambda view: _guarded(view, f"key:{scope}", enter)


def _guarded(view: View, access: str, enter: Enter) -> View:
    @wraps(view)
    async def guarded(**ids: Any) -> Any:
        return await view(**await _rows(await enter(), ids))

    setattr(guarded, ACCESS, access)
    return guarded  # type: ignore[return-value]  # `wraps` loses the view's own type


async def _rows(find_assistant: FindAssistant, ids: dict[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    if "assistant_id" in ids:
        rows["assistant"] = await find_assistant(ids.pop("assistant_id"))
    if "message_id" in ids:
        customer: Customer = g.customer
        rows["message"] = await answer_given_to(
            customer.assistant_id, customer.channel, customer.contact_key, ids.pop("message_id")
        )
    if "conversation_id" in ids and "assistant" not in rows:
        asking: Customer = g.customer
        rows["conversation"] = await conversation_held_in(
            asking.assistant_id, asking.channel, asking.contact_key, ids.pop("conversation_id")
        )
    for name, value in ids.items():
        if name in TEAM_ROWS:
            rows[name.removesuffix("_id")] = await TEAM_ROWS[name](g.actor, value)
        elif name.endswith("_id"):
            rows[name.removesuffix("_id")] = await ROWS[name](rows["assistant"], value)
        else:
            rows[name] = value
    return rows


async def _as_anybody() -> FindAssistant:
    return public_assistant


def _as_or_key(role: Role, scope: str) -> Enter:
    as_person = _as(role)

    async def enter() -> FindAssistant:
        if not _bearer().startswith(PREFIX):
            return await as_person()
        key = await _key_with(scope)
        # What a program does, whoever made its key answers for.
        g.actor = Actor(key.user_id, key.assistant.tenant_id, role)
        return _only(key)

    return enter


def _as(role: Role) -> Enter:
    """A person whose role is this one, or a higher one: in the business of the assistant in the URL, if there is one,
    or else in the business that he works in."""

    async def enter() -> FindAssistant:
        g.actor = await _logged_in()
        if "assistant_id" not in (request.view_args or {}):
            g.actor.must_be(role)

        async def find(assistant_id: UUID) -> Assistant:
            g.actor, assistant = await actor_with_assistant(g.actor.user_id, assistant_id)
            g.actor.must_be(role)
            return assistant

        return find

    return enter


async def _person() -> UUID:
    """Who presents this token. Raises `Unauthenticated`, and `Refused` for a program's key."""
    token = _bearer()
    if token.startswith(PREFIX):
        await api_key_named(token)
        raise Refused
    user_id = UUID(verify(the_core().keyring, "access", token)["sub"])
    if not await User.filter(id=user_id).exists():  # the account is gone, its token is not yet
        raise Unauthenticated
    return user_id


async def _logged_in() -> Actor:
    """As `_person`, where he works. Raises `Unauthenticated` also for somebody who works nowhere."""
    try:
        return await actor_of(await _person())
    except NotFound as error:
        raise Unauthenticated from error


async def _key_with(scope: str) -> ApiKey:
    key = await api_key_named(_bearer())
    if scope not in key.scopes:
        raise Refused
    return key


def _only(key: ApiKey) -> FindAssistant:
    """A key opens one assistant; every other does not exist for it."""

    async def find(assistant_id: UUID) -> Assistant:
        assistant: Assistant = key.assistant
        if assistant.id != assistant_id:
            raise NotFound(what="assistant")
        return assistant

    return find


def _bearer() -> str:
    """The presented token. Raises `Unauthenticated` when there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
