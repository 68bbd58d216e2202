"""Who may see what. Every request resolves its ids here, and what belongs to another tenant does not exist.

The functions of `core` take rows, not ids: a row in hand is the proof that its owner was checked.
"""

from dataclasses import dataclass
from uuid import UUID

from core.errors import NotFound, Refused
from core.models import (
    ApiKey,
    Assistant,
    Channel,
    Conversation,
    Document,
    LoraAdapter,
    Membership,
    QuarantinedText,
    Role,
    Site,
    VerifiedAnswer,
)

_RANK = {Role.OPERATOR: 0, Role.MANAGER: 1, Role.OWNER: 2}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting inside one tenant."""

    user_id: UUID
    tenant_id: UUID
    role: Role

    def must_be(self, role: Role) -> None:
        """Raises `Refused` when the actor's role is lower than `role`."""
        if _RANK[self.role] < _RANK[role]:
            raise Refused()


async def actor_of(user_id: UUID) -> Actor:
    """The person in his own business: the oldest membership. Raises `NotFound` for somebody without one."""
    membership = await Membership.filter(user_id=user_id).order_by("created_at").first()
    if membership is None:
        raise NotFound(what="tenant")
    return Actor(user_id, membership.tenant_id, membership.role)


async def assistant_of(actor: Actor, assistant_id: UUID) -> Assistant:
    """Raises `NotFound`."""
    row = await Assistant.get_or_none(id=assistant_id, tenant_id=actor.tenant_id)
    if row is None:
        raise NotFound(what="assistant")
    return row


async def assistants_of(actor: Actor) -> list[Assistant]:
    return await Assistant.filter(tenant_id=actor.tenant_id).order_by("created_at")


async def document_of(assistant: Assistant, document_id: UUID) -> Document:
    """Raises `NotFound`."""
    row = await Document.get_or_none(id=document_id, assistant_id=assistant.id)
    if row is None:
        raise NotFound(what="document")
    return row


async def find_document(actor: Actor, document_id: UUID | None) -> Document:
    """A document of whichever of his assistants. Raises `NotFound`."""
    row = await Document.get_or_none(id=document_id, assistant__tenant_id=actor.tenant_id) if document_id else None
    if row is None:
        raise NotFound(what="document")
    return row


async def quarantined_of(assistant: Assistant, item_id: UUID) -> QuarantinedText:
    """With its `document`. Raises `NotFound`."""
    row = await QuarantinedText.get_or_none(id=item_id, assistant_id=assistant.id).select_related("document")
    if row is None:
        raise NotFound(what="text")
    return row


async def find_quarantined(actor: Actor, item_id: UUID | None) -> QuarantinedText:
    """A text of whichever of his assistants. Raises `NotFound`."""
    mine = QuarantinedText.filter(assistant__tenant_id=actor.tenant_id)
    row = await mine.get_or_none(id=item_id) if item_id else None
    if row is None:
        raise NotFound(what="text")
    return row


async def site_of(assistant: Assistant, site_id: UUID) -> Site:
    """Raises `NotFound`."""
    row = await Site.get_or_none(id=site_id, assistant_id=assistant.id)
    if row is None:
        raise NotFound(what="site")
    return row


async def find_site(actor: Actor, site_id: UUID | None) -> Site:
    """A site of whichever of his assistants. Raises `NotFound`."""
    row = await Site.get_or_none(id=site_id, assistant__tenant_id=actor.tenant_id) if site_id else None
    if row is None:
        raise NotFound(what="site")
    return row


async def adapter_of(assistant: Assistant, adapter_id: UUID) -> LoraAdapter:
    """Raises `NotFound`."""
    row = await LoraAdapter.get_or_none(id=adapter_id, assistant_id=assistant.id)
    if row is None:
        raise NotFound(what="adapter")
    return row


async def channel_of(assistant: Assistant, channel_id: UUID) -> Channel:
    """Raises `NotFound`."""
    row = await Channel.get_or_none(id=channel_id, assistant_id=assistant.id)
    if row is None:
        raise NotFound(what="channel")
    return row


async def api_key_of(assistant: Assistant, key_id: UUID) -> ApiKey:
    """Raises `NotFound`."""
    row = await ApiKey.get_or_none(id=key_id, assistant_id=assistant.id)
    if row is None:
        raise NotFound(what="api key")
    return row


async def verified_answer_of(assistant: Assistant, answer_id: UUID) -> VerifiedAnswer:
    """Raises `NotFound`."""
    row = await VerifiedAnswer.get_or_none(id=answer_id, assistant_id=assistant.id)
    if row is None:
        raise NotFound(what="verified answer")
    return row


async def conversation_of(assistant: Assistant, conversation_id: UUID) -> Conversation:
    """Raises `NotFound`."""
    row = await Conversation.get_or_none(id=conversation_id, assistant_id=assistant.id).select_related("contact")
    if row is None:
        raise NotFound(what="conversation")
    return row


async def public_assistant(assistant_id: UUID) -> Assistant:
    """One that anybody may talk to on its page. Raises `NotFound` for every other."""
    row = await Assistant.get_or_none(id=assistant_id, public_page=True)
    if row is None:
        raise NotFound(what="assistant")
    return row


async def first_public_assistant() -> Assistant | None:
    """The one that stands on the front page: the oldest public one, on a fresh installation the demo."""
    return await Assistant.filter(public_page=True).order_by("created_at").first()
