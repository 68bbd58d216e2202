"""All tables, by subject. Tortoise finds them here; the rest of the house imports them from here."""

from core.models.assistants import AdapterStatus, Assistant, Channel, ChannelState, LoraAdapter
from core.models.knowledge import Document, DocumentStatus, Gap, GapStatus, PassageRow, VerifiedAnswer
from core.models.people import ApiKey, AuditEvent, LoginSession, Membership, Role, Tenant, User
from core.models.talk import Author, Contact, Conversation, Message
from core.models.work import BotState, Delivery, Job, JobStatus, ProcessedEvent, WebhookEndpoint

__all__ = [
    "AdapterStatus", "ApiKey", "Assistant", "AuditEvent", "Author", "BotState", "Channel", "ChannelState",
    "Contact", "Conversation", "Delivery", "Document", "DocumentStatus", "Gap", "GapStatus", "Job", "JobStatus",
    "LoginSession", "LoraAdapter", "Membership", "Message", "PassageRow", "ProcessedEvent", "Role", "Tenant",
    "User", "VerifiedAnswer", "WebhookEndpoint",
]  # fmt: skip
