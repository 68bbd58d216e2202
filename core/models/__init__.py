"""All tables, by subject. Tortoise finds them here; the rest of the house imports them from here."""

from core.models.archives import Archive, ArchiveKind, ArchiveStatus
from core.models.assistants import AdapterStatus, AdapterTrial, Assistant, Channel, ChannelState, LoraAdapter
from core.models.drafting import Draft, DraftStep, SampleAnswer, SampleDecision, SamplesState
from core.models.groups import PeopleGroup, PeopleTopic, TopicTurn
from core.models.knowledge import (
    Contradiction,
    Decision,
    Document,
    DocumentStatus,
    Gap,
    GapStatus,
    NearMiss,
    PassageEdit,
    PassageRow,
    QuarantinedText,
    VerifiedAnswer,
)
from core.models.learning import OwnPair, StruckExample
from core.models.leases import ChannelLease, LeaseHolder
from core.models.people import (
    ApiKey,
    AuditEvent,
    Change,
    Invitation,
    LoginSession,
    Membership,
    Profile,
    Role,
    Tenant,
    User,
)
from core.models.shopping import QuestionSource, RunKind, RunState, ShopperQuestion, ShopperResult, ShopperRun
from core.models.sites import PageOutcome, Site, SitePage, SiteStatus
from core.models.talk import (
    Attachment,
    Author,
    Contact,
    Conversation,
    ConversationState,
    HandoffReason,
    Message,
    Undelivered,
)
from core.models.work import (
    BotState,
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    DeliveryTurn,
    EndpointTrouble,
    Job,
    JobStatus,
    ProcessedEvent,
    WebhookEndpoint,
)

__all__ = [
    "AdapterStatus", "AdapterTrial", "ApiKey", "Archive", "ArchiveKind", "ArchiveStatus", "Assistant", "Attachment",
    "AuditEvent", "Author", "BotState", "Change", "Channel", "ChannelLease", "ChannelState", "Contact",
    "Contradiction", "Conversation", "ConversationState", "Decision", "Delivery", "DeliveryAttempt",
    "DeliveryStatus", "DeliveryTurn", "Document", "DocumentStatus", "Draft", "DraftStep", "EndpointTrouble", "Gap",
    "GapStatus", "HandoffReason", "Invitation", "Job", "JobStatus", "LeaseHolder", "LoginSession", "LoraAdapter",
    "Membership", "Message", "NearMiss", "OwnPair", "PageOutcome", "PassageEdit", "PassageRow", "PeopleGroup",
    "PeopleTopic", "ProcessedEvent", "Profile", "QuarantinedText", "QuestionSource", "Role", "RunKind", "RunState",
    "SampleAnswer", "SampleDecision", "SamplesState", "ShopperQuestion", "ShopperResult", "ShopperRun", "Site",
    "SitePage", "SiteStatus", "StruckExample", "Tenant", "TopicTurn", "Undelivered", "User", "VerifiedAnswer",
    "WebhookEndpoint",
]  # fmt: skip
