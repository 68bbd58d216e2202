"""Who may see what. Every request resolves its ids here, and what belongs to another tenant does not exist.

The functions of `core` take rows, not ids: a row in hand is the proof that its owner was checked.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from core.errors import NotFound, Refused
from core.hidden import NOBODY
from core.models import (
    ApiKey,
    Assistant,
    Author,
    Change,
    Channel,
    Contradiction,
    Conversation,
    Delivery,
    Document,
    Gap,
    Invitation,
    LoraAdapter,
    Membership,
    Message,
    NearMiss,
    PassageEdit,
    PassageRow,
    QuarantinedText,
    Role,
    SampleAnswer,
    Site,
    VerifiedAnswer,
    WebhookEndpoint,
)
from core.profiles import chosen_business

T = TypeVar("T")
_RANK = {Role.OPERATOR: 0, Role.MANAGER: 1, Role.OWNER: 2}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting inside one tenant.

    An operator answers customers and only looks at the rest; a manager changes what an assistant knows and how it
    speaks; keys, channels and the end of an assistant are the owner's alone.
    """

    user_id: UUID
    tenant_id: UUID
    role: Role

    def may(self, role: Role) -> bool:
        """Whether he may do what somebody of `role` may."""
        return _RANK[self.role] >= _RANK[role]

    def must_be(self, role: Role) -> None:
        """Raises `Refused` when the actor's role is lower than `role`."""
        if not self.may(role):
            raise Refused()


async def _there(row: Awaitable[T | None], what: str) -> T:
    """The row that a query finds. Raises `NotFound` for none."""
    found = await row
    if found is None:
        raise NotFound(what=what)
    return found


async def actor_of(user_id: UUID, tenant_id: UUID | None = None) -> Actor:
    """The person in this business of his; or else in the one that he chose, or else where he has been longest.

    Raises `NotFound` for somebody who works nowhere, or not there.
    """
    mine = Membership.filter(user_id=user_id).order_by("created_at")
    if tenant_id:
        found = await mine.filter(tenant_id=tenant_id).first()
    else:
        found = await mine.filter(tenant_id=await chosen_business(user_id)).first() or await mine.first()
    if found is None:
        raise NotFound(what="tenant")
    return Actor(user_id, found.tenant_id, Role(found.role))


async def actor_with_assistant(user_id: UUID, assistant_id: UUID) -> tuple[Actor, Assistant]:
    """An assistant of whichever of his businesses, and the person in that one. Raises `NotFound`."""
    mine = Assistant.filter(id=assistant_id, tenant__memberships__user_id=user_id)
    assistant = await _there(mine.first(), "assistant")
    return await actor_of(user_id, assistant.tenant_id), assistant


async def actor_with_conversation(user_id: UUID, conversation_id: UUID | None) -> tuple[Actor, Conversation]:
    """A conversation of whichever of his businesses, with its contact and assistant, and the person there. Raises
    `NotFound`."""
    mine = Conversation.filter(id=conversation_id, assistant__tenant__memberships__user_id=user_id)
    conversation = await _there(mine.first().select_related("contact", "assistant"), "conversation")
    return await actor_of(user_id, conversation.assistant.tenant_id), conversation


async def actor_with_gap(user_id: UUID, gap_id: UUID | None) -> tuple[Actor, Gap]:
    """A question without an answer, of whichever of his businesses, with its assistant, and the person there. Raises
    `NotFound`."""
    mine = Gap.filter(id=gap_id, assistant__tenant__memberships__user_id=user_id)
    gap = await _there(mine.first().select_related("assistant"), "gap")
    return await actor_of(user_id, gap.assistant.tenant_id), gap


async def assistants_everywhere(user_id: UUID) -> list[Assistant]:
    """Of all his businesses, with their `tenant`; those of one business together, oldest first."""
    mine = Assistant.filter(tenant__memberships__user_id=user_id).select_related("tenant")
    return await mine.order_by("tenant__created_at", "tenant_id", "created_at")


async def membership_of(user_id: UUID, tenant_id: UUID) -> Membership:
    """Somebody's own place in a business, with its `tenant`. Raises `NotFound`."""
    mine = Membership.get_or_none(user_id=user_id, tenant_id=tenant_id)
    return await _there(mine.select_related("tenant"), "tenant")


async def member_of(actor: Actor, member_id: UUID | None) -> Membership:
    """With their `user`. Raises `NotFound`."""
    return await _there(
        Membership.get_or_none(id=member_id, tenant_id=actor.tenant_id).select_related("user"), "member"
    )


async def invitation_of(actor: Actor, invitation_id: UUID | None) -> Invitation:
    """Raises `NotFound`."""
    return await _there(Invitation.get_or_none(id=invitation_id, tenant_id=actor.tenant_id), "invitation")


async def assistant_of(actor: Actor, assistant_id: UUID) -> Assistant:
    """Raises `NotFound`."""
    return await _there(Assistant.get_or_none(id=assistant_id, tenant_id=actor.tenant_id), "assistant")


async def assistants_of(actor: Actor) -> list[Assistant]:
    return await Assistant.filter(tenant_id=actor.tenant_id).order_by("created_at")


async def document_of(assistant: Assistant, document_id: UUID) -> Document:
    """Raises `NotFound`."""
    return await _there(Document.get_or_none(id=document_id, assistant_id=assistant.id), "document")


async def find_document(actor: Actor, document_id: UUID | None) -> Document:
    """A document of whichever of his assistants. Raises `NotFound`."""
    return await _there(Document.get_or_none(id=document_id, assistant__tenant_id=actor.tenant_id), "document")


async def quarantined_of(assistant: Assistant, item_id: UUID) -> QuarantinedText:
    """With its `document`. Raises `NotFound`."""
    return await _there(
        QuarantinedText.get_or_none(id=item_id, assistant_id=assistant.id).select_related("document"), "text"
    )


async def find_quarantined(actor: Actor, item_id: UUID | None) -> QuarantinedText:
    """A text of whichever of his assistants. Raises `NotFound`."""
    mine = QuarantinedText.filter(assistant__tenant_id=actor.tenant_id)
    return await _there(mine.get_or_none(id=item_id), "text")


async def passage_of(assistant: Assistant, passage_id: UUID) -> PassageRow:
    """With its `document`. Raises `NotFound`."""
    mine = PassageRow.get_or_none(id=passage_id, assistant_id=assistant.id)
    return await _there(mine.select_related("document"), "passage")


async def passage_edit_of(assistant: Assistant, edit_id: UUID) -> PassageEdit:
    """What was said about a passage. Raises `NotFound`."""
    return await _there(PassageEdit.get_or_none(id=edit_id, assistant_id=assistant.id), "passage")


async def find_passage_edit(actor: Actor, edit_id: UUID | None) -> PassageEdit:
    """The same, in whichever of his assistants. Raises `NotFound`."""
    return await _there(PassageEdit.get_or_none(id=edit_id, assistant__tenant_id=actor.tenant_id), "passage")


async def find_answer(actor: Actor, message_id: UUID | None) -> tuple[Assistant, Message]:
    """An answer of whichever of his assistants, and that assistant. Raises `NotFound`."""
    mine = Message.filter(conversation__assistant__tenant_id=actor.tenant_id, author=Author.ASSISTANT)
    answer = await _there(mine.get_or_none(id=message_id).select_related("conversation__assistant"), "answer")
    assistant: Assistant = answer.conversation.assistant
    return assistant, answer


async def site_of(assistant: Assistant, site_id: UUID) -> Site:
    """Raises `NotFound`."""
    return await _there(Site.get_or_none(id=site_id, assistant_id=assistant.id), "site")


async def find_site(actor: Actor, site_id: UUID | None) -> Site:
    """A site of whichever of his assistants. Raises `NotFound`."""
    return await _there(Site.get_or_none(id=site_id, assistant__tenant_id=actor.tenant_id), "site")


async def adapter_of(assistant: Assistant, adapter_id: UUID) -> LoraAdapter:
    """Raises `NotFound`."""
    return await _there(LoraAdapter.get_or_none(id=adapter_id, assistant_id=assistant.id), "adapter")


async def channel_of(assistant: Assistant, channel_id: UUID) -> Channel:
    """Raises `NotFound`."""
    return await _there(Channel.get_or_none(id=channel_id, assistant_id=assistant.id), "channel")


async def api_key_of(assistant: Assistant, key_id: UUID) -> ApiKey:
    """Raises `NotFound`."""
    return await _there(ApiKey.get_or_none(id=key_id, assistant_id=assistant.id), "api key")


async def find_api_key(actor: Actor, key_id: UUID | None) -> ApiKey:
    """Of whichever of his assistants. Raises `NotFound`."""
    return await _there(ApiKey.get_or_none(id=key_id, assistant__tenant_id=actor.tenant_id), "api key")


async def verified_answer_of(assistant: Assistant, answer_id: UUID) -> VerifiedAnswer:
    """Raises `NotFound`."""
    return await _there(VerifiedAnswer.get_or_none(id=answer_id, assistant_id=assistant.id), "verified answer")


async def gap_of(assistant: Assistant, gap_id: UUID) -> Gap:
    """With its `assistant`. Raises `NotFound`."""
    return await _there(Gap.get_or_none(id=gap_id, assistant_id=assistant.id).select_related("assistant"), "gap")


async def near_miss_of(assistant: Assistant, near_miss_id: UUID) -> NearMiss:
    """Raises `NotFound`."""
    return await _there(NearMiss.get_or_none(id=near_miss_id, assistant_id=assistant.id), "near miss")


async def find_near_miss(actor: Actor, near_miss_id: UUID | None) -> NearMiss:
    """A near miss of whichever of his assistants, with its `answer`. Raises `NotFound`."""
    mine = NearMiss.filter(assistant__tenant_id=actor.tenant_id)
    return await _there(mine.get_or_none(id=near_miss_id).select_related("answer"), "near miss")


async def find_gap(actor: Actor, gap_id: UUID | None) -> Gap:
    """A question without an answer, of whichever of his assistants; with its `assistant`. Raises `NotFound`."""
    mine = Gap.filter(assistant__tenant_id=actor.tenant_id)
    return await _there(mine.get_or_none(id=gap_id).select_related("assistant"), "gap")


async def find_sample(actor: Actor, sample_id: UUID | None) -> SampleAnswer:
    """A sample answer of whichever of his assistants; with its `assistant` and `document`. Raises `NotFound`."""
    mine = SampleAnswer.filter(assistant__tenant_id=actor.tenant_id)
    return await _there(mine.get_or_none(id=sample_id).select_related("assistant", "document"), "sample answer")


async def conversation_of(assistant: Assistant, conversation_id: UUID) -> Conversation:
    """Raises `NotFound`."""
    mine = Conversation.get_or_none(id=conversation_id, assistant_id=assistant.id)
    return await _there(mine.select_related("contact"), "conversation")


async def contradiction_of(assistant: Assistant, contradiction_id: UUID) -> Contradiction:
    """With its `assistant`. Raises `NotFound`."""
    mine = Contradiction.get_or_none(id=contradiction_id, assistant_id=assistant.id)
    return await _there(mine.select_related("assistant"), "contradiction")


async def find_contradiction(actor: Actor, contradiction_id: UUID | None) -> Contradiction:
    """Of whichever of his assistants, with its `assistant`. Raises `NotFound`."""
    mine = Contradiction.get_or_none(id=contradiction_id, assistant__tenant_id=actor.tenant_id)
    return await _there(mine.select_related("assistant"), "contradiction")


async def webhook_of(actor: Actor, webhook_id: UUID | None) -> WebhookEndpoint:
    """Of whichever of his assistants. Raises `NotFound`."""
    return await _there(WebhookEndpoint.get_or_none(id=webhook_id, assistant__tenant_id=actor.tenant_id), "webhook")


async def delivery_of(actor: Actor, delivery_id: UUID | None) -> Delivery:
    """To whichever of his webhooks; with its `endpoint`. Raises `NotFound`."""
    mine = Delivery.filter(endpoint__assistant__tenant_id=actor.tenant_id)
    return await _there(mine.get_or_none(id=delivery_id).select_related("endpoint"), "delivery")


async def change_of(actor: Actor, change_id: UUID | None) -> Change:
    """With its `event`. Raises `NotFound`."""
    return await _there(Change.get_or_none(id=change_id, tenant_id=actor.tenant_id).select_related("event"), "change")


async def public_assistant(assistant_id: UUID) -> Assistant:
    """One that anybody may talk to on its page. Raises `NotFound` for every other."""
    public = Assistant.filter(id=assistant_id, public_page=True).exclude(tenant_id=NOBODY)
    return await _there(public.first(), "assistant")


async def first_public_assistant() -> Assistant | None:
    """The one that stands on the front page: the oldest public one, on a fresh installation the demo."""
    public = Assistant.filter(public_page=True).exclude(tenant_id=NOBODY)
    return await public.order_by("created_at").first()
