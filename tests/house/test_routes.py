"""Every route, present and future: guarded by exactly one guard, limited, and blind to other tenants."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from quart import Quart
from quart_rate_limiter import QUART_RATE_LIMITER_LIMITS_ATTRIBUTE
from werkzeug.routing import Rule

from api.access import ACCESS
from api.app import create_app
from core.accounts import ACCESS_LIFE, sign
from core.api_keys import SCOPES, issue_api_key
from core.app import Core
from core.archive.files import place_of
from core.learning.examples import Example, Source
from core.models import (
    AdapterTrial,
    ApiKey,
    Archive,
    ArchiveKind,
    ArchiveStatus,
    Assistant,
    AuditEvent,
    Author,
    Change,
    Channel,
    Contact,
    Contradiction,
    Conversation,
    Delivery,
    Document,
    DocumentStatus,
    Gap,
    Invitation,
    LoraAdapter,
    Membership,
    Message,
    NearMiss,
    OwnPair,
    PassageEdit,
    PassageRow,
    Profile,
    QuarantinedText,
    QuestionSource,
    Role,
    RunKind,
    ShopperQuestion,
    ShopperResult,
    ShopperRun,
    Site,
    SitePage,
    StruckExample,
    Tenant,
    User,
    VerifiedAnswer,
    WebhookEndpoint,
)
from core.team import VALID
from tests.conftest import MakeAssistant, MakeOwner, Owner

PEOPLE = ("login", "manager", "owner")
"""Guards for logged-in people, by the least role that may enter."""
GUARDS = {
    *("public", *PEOPLE),
    *(f"{role} or key:{scope}" for role in ("login", "manager") for scope in SCOPES),
    *(f"key:{scope}{others}" for scope in SCOPES for others in ("", " or visitor")),
}
WEBHOOK = "/webhooks/<uuid:webhook_id>"
OWNERS_ALONE = {
    ("GET", "/api-keys"), ("POST", "/api-keys"), ("DELETE", "/api-keys/<uuid:key_id>"),
    ("POST", "/channels"), ("POST", "/channels/slack-link"), ("DELETE", "/channels/<uuid:channel_id>"), ("DELETE", ""),
    ("POST", "/team/invitations"), ("DELETE", "/team/invitations/<uuid:invitation_id>"),
    ("DELETE", "/contacts/<uuid:contact_id>"),
    ("PATCH", "/team/members/<uuid:member_id>"), ("DELETE", "/team/members/<uuid:member_id>"), ("GET", "/team/audit"),
    ("GET", "/webhooks"), ("POST", "/webhooks"), ("GET", WEBHOOK), ("PATCH", WEBHOOK), ("DELETE", WEBHOOK),
    *(("POST", f"{WEBHOOK}/{action}") for action in ("rotate-secret", "test", "replay")),
    ("GET", f"{WEBHOOK}/deliveries"), ("GET", f"{WEBHOOK}/deliveries/<uuid:delivery_id>"),
    ("POST", f"{WEBHOOK}/deliveries/<uuid:delivery_id>/replay"),
}  # fmt: skip
"""Below an assistant, and of the team: what a manager may not do either. A new one must be added here on purpose."""
MANAGERS_READ = {
    "/contacts", "/contacts/<uuid:contact_id>", "/export/<uuid:archive_id>", "/export/<uuid:archive_id>/file",
    "/restores/<uuid:restore_id>",
}  # fmt: skip
"""What is only looked at, and yet not by operators: all of a customer, all of an assistant."""
CHANGE_NOTHING = {"/search", "/verified-answers/test"}
"""Below an assistant: what is asked with POST because the question is long."""
CONVERSATION = "/conversations/<uuid:conversation_id>"
LEAVING = "/team/leave"
"""Whoever asks this is a stranger afterwards."""
OPERATORS_DO = {f"{CONVERSATION}/{action}" for action in ("take", "reply", "close", "hand-over")} | {
    "/businesses/<uuid:tenant_id>/choose", "/team/accept", LEAVING,
}  # fmt: skip
"""Below an assistant: what operators are there for; and what everybody decides for himself."""
SECRET = "the-otters-of-anna"
KEPT = (
    Tenant, Membership, User, Assistant, Document, PassageRow, LoraAdapter, Channel, ApiKey, VerifiedAnswer, Gap,
    Contact, Conversation, Message, QuarantinedText, Site, SitePage, NearMiss, OwnPair, StruckExample, AdapterTrial,
    Invitation, Profile, Change, PassageEdit, Contradiction, Archive, WebhookEndpoint, Delivery, ShopperQuestion,
    ShopperRun, ShopperResult,
)  # fmt: skip


@dataclass
class Business:
    """One tenant with one of everything. `ids`: argument of a URL -> the id of its own object."""

    owner: Owner
    assistant: Assistant
    key: str
    ids: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def app(core: Core) -> Quart:
    return create_app(core, rate_limits=False)


async def _business(core: Core, owner: Owner, assistant: Assistant) -> Business:
    """Rows as the product makes them. A new kind of id in a URL must be added here, or the walk fails."""
    document = await Document.create(
        assistant=assistant, filename=f"{SECRET}.txt", content_hash=uuid4().hex, status=DocumentStatus.INDEXED
    )
    await PassageRow.create(document=document, assistant=assistant, chunk_index=0, text=SECRET, content_hash="x")
    said = {"assistant": assistant, "document": document, "document_name": SECRET, "text": SECRET}
    hidden = await PassageEdit.create(content_hash="hidden", **said)
    own = await Document.create(assistant=assistant, kind="correction", filename=SECRET, content_hash=uuid4().hex)
    corrected = await PassageEdit.create(content_hash="corrected", wording=SECRET, correction=own, **said)
    withheld = await QuarantinedText.create(
        assistant=assistant, document=document, text=SECRET, text_hash="x", reason="instruction"
    )
    site = await Site.create(assistant=assistant, url=f"https://{SECRET}.example/", url_hash=uuid4().hex)
    await SitePage.create(site=site, url=f"https://{SECRET}.example/", url_hash=uuid4().hex)
    report = {"report": {"figures": {}}}
    adapter = await LoraAdapter.create(assistant=assistant, status="completed", base_model_name=SECRET, metrics=report)
    channel = await Channel.create(assistant=assistant, kind="telegram", identity=uuid4().hex, name=SECRET)
    example = Example(Source.VERIFIED, f"{SECRET} {assistant.id}", SECRET, "")
    verified = await VerifiedAnswer.create(assistant=assistant, question=example.question, answer=example.answer)
    gap = await Gap.create(assistant=assistant, question=SECRET, question_key=SECRET)
    clash = await Contradiction.create(
        assistant=assistant,
        pair_key=uuid4().hex,
        told="price",
        first_passage_id=document.id,
        first_quote=SECRET,
        second_passage_id=document.id,
        second_quote=SECRET,
    )
    near = await NearMiss.create(
        assistant=assistant, answer=verified, question=SECRET, question_key=SECRET, similarity=0.9
    )
    row, key = await issue_api_key(assistant, owner.user.id, SECRET, sorted(SCOPES))
    contact = await Contact.create(assistant=assistant, channel="api", key=SECRET)
    conversation = await Conversation.create(assistant=assistant, contact=contact)
    message = await Message.create(conversation=conversation, author=Author.ASSISTANT, text=SECRET, tier="quoted")
    invitation = await Invitation.create(
        tenant_id=assistant.tenant_id, role=Role.OPERATOR, token_hash=uuid4().hex, expires_at=datetime.now(UTC) + VALID
    )
    event = await AuditEvent.create(tenant_id=assistant.tenant_id, actor="", action="dismiss question", subject="")
    change = await Change.create(
        event=event,
        tenant_id=assistant.tenant_id,
        assistant=assistant,
        kind="gap",
        subject_id=gap.id,
        before={"status": "open", "secret": SECRET},
        after={"status": "dismissed"},
    )
    # Switched off: workers of other tests send nothing to it.
    webhook = await WebhookEndpoint.create(assistant=assistant, url=f"https://{SECRET}.example/", active=False)
    delivery = await Delivery.create(endpoint=webhook, event=SECRET, payload={"data": {"told": SECRET}})
    asked = await ShopperQuestion.create(
        assistant=assistant, source=QuestionSource.OWN, question=SECRET, question_key=SECRET
    )
    run = await ShopperRun.create(assistant=assistant, kind=RunKind.ASKED, questions=1)
    told = {"text": SECRET, "tier": "quoted", "reason": "", "seconds": 1.0, "sources": []}
    result = await ShopperResult.create(run=run, question=asked, place=0, verdict="new", after=told)
    member = await Membership.get(tenant_id=assistant.tenant_id, user_id=owner.user.id)
    made = {"tenant_id": assistant.tenant_id, "assistant": assistant, "name": SECRET, "asked_by": owner.user.id}
    archive = await Archive.create(kind=ArchiveKind.EXPORT, status=ArchiveStatus.DONE, **made)
    place_of(core, archive.id).parent.mkdir(parents=True, exist_ok=True)
    place_of(core, archive.id).write_text(SECRET)
    restored = await Archive.create(kind=ArchiveKind.RESTORE, status=ArchiveStatus.DONE, **made)
    ids = {
        "archive_id": archive.id,
        "restore_id": restored.id,
        "contact_id": contact.id,
        "tenant_id": assistant.tenant_id,
        "invitation_id": invitation.id,
        "member_id": member.id,
        "change_id": change.id,
        "webhook_id": webhook.id,
        "delivery_id": delivery.id,
        "assistant_id": assistant.id,
        "document_id": document.id,
        "item_id": withheld.id,
        "hidden_id": hidden.id,
        "correction_id": corrected.id,
        "site_id": site.id,
        "adapter_id": adapter.id,
        "channel_id": channel.id,
        "key_id": row.id,
        "answer_id": verified.id,
        "example_id": UUID(hex=example.key),
        "gap_id": gap.id,
        "contradiction_id": clash.id,
        "near_miss_id": near.id,
        "conversation_id": conversation.id,
        "message_id": message.id,
        "run_id": run.id,
        "result_id": result.id,
        "question_id": asked.id,
    }
    return Business(owner, assistant, key, {name: str(value) for name, value in ids.items()})


@pytest.fixture
async def anna(core: Core, owner: MakeOwner, assistant: MakeAssistant) -> Business:
    person = await owner()
    return await _business(core, person, await assistant(person, SECRET))


@pytest.fixture
async def boris(core: Core, owner: MakeOwner, assistant: MakeAssistant) -> Business:
    person = await owner()
    return await _business(core, person, await assistant(person, "Boris's own"))


def _routes(app: Quart) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, guard) of every route."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, str(getattr(app.view_functions[rule.endpoint], ACCESS, ""))


def _scoped(app: Quart) -> list[tuple[Rule, str, str]]:
    """Routes that name somebody's object."""
    return [(rule, method, guard) for rule, method, guard in _routes(app) if any("_id" in a for a in rule.arguments)]


def _url(rule: Rule, ids: dict[str, str]) -> str:
    url = rule.rule
    for argument in rule.arguments:
        assert argument in ids, f"{rule.rule}: add {argument!r} to the walk"
        url = url.replace(f"<uuid:{argument}>", ids[argument]).replace(f"<{argument}>", ids[argument])
    return url


async def _ask(app: Quart, method: str, url: str, token: str | None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    body: dict[str, Any] = {} if method in {"GET", "DELETE"} else {"json": {}}
    response = await app.test_client().open(url, method=method, headers=headers, **body)
    return response.status_code, (await response.get_data(as_text=False)).decode(errors="replace")


def _token(business: Business) -> str:
    return business.owner.headers["Authorization"].removeprefix("Bearer ")


async def _everything() -> dict[str, list[dict[str, Any]]]:
    rows = {model.__name__: await model.all().order_by("id").values() for model in KEPT}
    for row in rows["ApiKey"]:
        row.pop("last_used_at")  # presenting a key is seen, whatever it was refused
    return rows


def test_every_route_says_who_may_call_it(app: Quart) -> None:
    assert {f"{method} {rule.rule}": guard for rule, method, guard in _routes(app) if guard not in GUARDS} == {}


def test_every_route_has_a_rate_limit(app: Quart) -> None:
    unlimited = [
        rule.rule
        for rule, _, _ in _routes(app)
        if not getattr(app.view_functions[rule.endpoint], QUART_RATE_LIMITER_LIMITS_ATTRIBUTE, [])
    ]

    assert unlimited == []


def test_only_a_few_known_routes_are_open_to_everybody(app: Quart) -> None:
    """A new one must be added here on purpose."""
    assert {rule.rule for rule, _, guard in _routes(app) if guard == "public"} == {
        "/", "/a/<uuid:assistant_id>", "/static/<path:filename>", "/healthz", "/readyz", "/metrics", "/openapi.json",
        "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/logout",
        "/api/v1/assistants/<uuid:assistant_id>/visitors", "/reports/<token>", "/reports/<token>/chart",
        "/archives/<token>", "/slack/events", "/slack/interactions", "/slack/commands",
        "/slack/install", "/slack/callback",
    }  # fmt: skip


async def test_her_own_things_are_there_for_their_owner(app: Quart, anna: Business) -> None:
    """The walk below would prove nothing with ids that nobody has."""
    for rule, method, guard in _scoped(app):
        if method == "GET" and guard.startswith(PEOPLE):
            status, _ = await _ask(app, method, _url(rule, anna.ids), _token(anna))
            assert status == 200, rule.rule
            if "key:" in guard:
                status, _ = await _ask(app, method, _url(rule, anna.ids), anna.key)
                assert status == 200, f"{rule.rule} with her key"


async def test_with_another_tenants_ids_nothing_exists(app: Quart, anna: Business, boris: Business) -> None:
    before = await _everything()
    walked = _scoped(app)
    assert len(walked) > 20
    for rule, method, guard in walked:
        for token, allowed in (
            (_token(boris), {404} if guard.startswith((*PEOPLE, "public")) else {401}),
            (boris.key, {404} if "key" in guard or guard == "public" else {403}),
            (None, {404} if guard == "public" else {401}),
            ("nonsense", {404} if guard == "public" else {401}),
        ):
            status, body = await _ask(app, method, _url(rule, anna.ids), token)
            assert status in allowed, f"{method} {rule.rule} ({guard}) gave {status} to {token}: {body[:300]}"
            assert SECRET not in body, f"{method} {rule.rule} told a stranger: {body[:300]}"
    assert await _everything() == before


async def test_ones_own_assistant_does_not_open_another_tenants_parts(
    app: Quart, anna: Business, boris: Business
) -> None:
    before = await _everything()
    for rule, method, guard in _scoped(app):
        if len(rule.arguments) < 2:
            continue
        for name in rule.arguments - {"assistant_id"}:
            mixed = boris.ids | {name: anna.ids[name]}
            for token in (_token(boris), *([boris.key] if "key" in guard else [])):
                status, body = await _ask(app, method, _url(rule, mixed), token)
                assert status == 404, f"{method} {rule.rule} with her {name} gave {status}: {body[:300]}"
    assert await _everything() == before


async def _colleague(core: Core, business: Business, role: Role) -> str:
    """The token of somebody else who works there."""
    user = await User.create(email=f"{uuid4().hex}@example.com")
    await Membership.create(user=user, tenant_id=business.owner.actor.tenant_id, role=role)
    return sign(core.keyring, "access", str(user.id), ACCESS_LIFE)


def _for_people(app: Quart) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, address below an assistant) of what logged-in people ask; `/assistants` is its own address."""
    for rule, method, guard in _routes(app):
        if guard.startswith(PEOPLE):
            yield rule, method, rule.rule.removeprefix("/api/v1").removeprefix("/assistants/<uuid:assistant_id>")


async def test_an_operator_sees_what_customers_are_told_and_changes_nothing(
    app: Quart, core: Core, anna: Business
) -> None:
    token = await _colleague(core, anna, Role.OPERATOR)
    before = await _everything()
    for rule, method, below in _for_people(app):
        if below in OPERATORS_DO:
            continue
        status, body = await _ask(app, method, _url(rule, anna.ids), token)
        hidden = (method, below) in OWNERS_ALONE or below in MANAGERS_READ
        looks = below in CHANGE_NOTHING or (method == "GET" and not hidden)
        assert status in ({200, 422} if looks else {403}), f"{method} {rule.rule} gave {status}: {body[:300]}"
    assert await _everything() == before


async def test_an_operator_talks_to_customers(app: Quart, core: Core, anna: Business) -> None:
    token = await _colleague(core, anna, Role.OPERATOR)
    walked = {below: rule for rule, _, below in _for_people(app) if below in OPERATORS_DO}
    assert set(walked) == OPERATORS_DO
    for below in sorted(OPERATORS_DO, key=lambda below: (below == LEAVING, below)):
        status, body = await _ask(app, "POST", _url(walked[below], anna.ids), token)
        assert status in {200, 422}, f"{below} gave {status}: {body[:300]}"


async def test_a_manager_does_everything_but_keys_channels_and_deleting_an_assistant(
    app: Quart, core: Core, anna: Business
) -> None:
    token = await _colleague(core, anna, Role.MANAGER)
    refused = set()
    for rule, method, below in _for_people(app):
        if below == LEAVING:
            continue
        status, body = await _ask(app, method, _url(rule, anna.ids), token)
        assert status < 500, f"{method} {rule.rule}: {body[:300]}"
        if status == 403:
            refused.add((method, below))

    assert refused == OWNERS_ALONE
    assert await Assistant.filter(id=anna.assistant.id).exists()
    assert await Channel.filter(assistant_id=anna.assistant.id).exists()


async def test_a_colleague_opens_no_other_business(app: Quart, core: Core, anna: Business, boris: Business) -> None:
    tokens = [await _colleague(core, boris, role) for role in (Role.OPERATOR, Role.MANAGER)]
    before = await _everything()
    for rule, method, _ in _for_people(app):
        for token in tokens if "_id" in rule.rule else []:
            status, body = await _ask(app, method, _url(rule, anna.ids), token)
            assert status in {403, 404}, f"{method} {rule.rule} gave {status}: {body[:300]}"
            assert SECRET not in body
    assert await _everything() == before


async def test_a_key_opens_one_assistant_and_no_other_of_the_same_owner(
    app: Quart, core: Core, anna: Business, assistant: MakeAssistant
) -> None:
    sister = await _business(core, anna.owner, await assistant(anna.owner, "Sister"))
    for rule, method, guard in _scoped(app):
        if "key" in guard:
            status, _ = await _ask(app, method, _url(rule, sister.ids), anna.key)
            assert status == 404, f"{method} {rule.rule}"


async def test_lists_and_chats_of_a_stranger_show_nothing(app: Quart, anna: Business, boris: Business) -> None:
    client = app.test_client()
    listed = await client.get("/api/v1/assistants", headers=boris.owner.headers)
    assert SECRET not in (await listed.get_data()).decode()

    for conversation in (anna.ids["conversation_id"], str(uuid4())):
        chat = await client.post(
            "/api/v1/chat",
            headers={"Authorization": f"Bearer {boris.key}"},
            json={"message": "What did she say?", "conversation_id": conversation},
        )
        assert chat.status_code == 404


async def test_a_foreign_id_and_an_unknown_id_look_the_same(app: Quart, anna: Business, boris: Business) -> None:
    unknown = {name: str(uuid4()) for name in anna.ids}
    for rule, method, _ in _scoped(app):
        foreign = await _ask(app, method, _url(rule, anna.ids), _token(boris))
        nobody = await _ask(app, method, _url(rule, unknown), _token(boris))
        assert foreign[0] == nobody[0], rule.rule
