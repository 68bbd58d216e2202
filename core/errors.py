"""Everything that can go wrong in words a person may read.

One tree. Each error has a `code`, which is also its key in `core/locales/*.ftl`; the edges (HTTP, Telegram,
console) turn the code into a status or a sentence. This module knows neither HTTP nor any language.
"""

from typing import ClassVar


class ProductError(Exception):
    """The root. `facts` are the values that the sentence of this code needs (sizes, names, limits)."""

    code: ClassVar[str] = "error-unexpected"

    def __init__(self, **facts: str | int | float) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class NotFound(ProductError):
    """The thing does not exist, or belongs to another tenant: from outside the two look the same."""

    code = "error-not-found"


class Refused(ProductError):
    """Known caller, but he may not do this."""

    code = "error-refused"


class Unauthenticated(ProductError):
    """No credentials, or credentials nobody issued."""

    code = "error-unauthenticated"


class WrongPassword(Unauthenticated):
    code = "error-wrong-password"


class TokenExpired(Unauthenticated):
    code = "error-token-expired"


class ApiKeyExpired(Unauthenticated):
    code = "error-api-key-expired"


class Conflict(ProductError):
    """The request contradicts what is already there."""

    code = "error-conflict"


class EmailTaken(Conflict):
    code = "error-email-taken"


class BotTaken(Conflict):
    """Another assistant already uses this bot: two pollers on one token would steal each other's messages."""

    code = "error-bot-taken"


class KeyReused(Conflict):
    """An idempotency key came again with another request."""

    code = "error-key-reused"


class Invalid(ProductError):
    """A value that cannot be accepted. Facts: `field`, `reason`."""

    code = "error-invalid"


class WrongBotToken(Invalid):
    code = "error-wrong-bot-token"


class LimitReached(ProductError):
    """A bound of the tenant or the service. Facts: `limit`."""

    code = "error-limit-reached"


class Unavailable(ProductError):
    """Something we depend on does not answer now; trying again later is sensible."""

    code = "error-unavailable"


class PortUnavailable(Unavailable):
    """Facts: `port`, `host`, `reason`, the system's words."""

    code = "error-port-unavailable"


class ModelUnavailable(Unavailable):
    code = "error-model-unavailable"


class DocumentRejected(ProductError):
    """The root of everything wrong with a file; the owner's next step is in the sentence."""

    code = "error-document-rejected"


class DocumentEmpty(DocumentRejected):
    """Zero bytes, or no text at all."""

    code = "error-document-empty"


class DocumentTooLarge(DocumentRejected):
    """Facts: `limit_mb`."""

    code = "error-document-too-large"


class DocumentTypeUnknown(DocumentRejected):
    """The content is none of the formats we read, whatever the name says."""

    code = "error-document-type-unknown"


class DocumentLocked(DocumentRejected):
    """Encrypted with a password."""

    code = "error-document-locked"


class DocumentBroken(DocumentRejected):
    """The format's own reader gave up."""

    code = "error-document-broken"


class DocumentScanned(DocumentRejected):
    """Pages are pictures without a text layer. Facts: `pages`."""

    code = "error-document-scanned"


class DocumentTooHard(DocumentRejected):
    """Reading it took more time or memory than one document may have."""

    code = "error-document-too-hard"


class TrainingFailed(ProductError):
    """Facts: `reason`, a short plain text for the log page."""

    code = "error-training-failed"


class TooLittleData(TrainingFailed):
    """Facts: `found`, `needed`."""

    code = "error-too-little-data"


class AdapterMismatch(ProductError):
    """An adapter trained for another base model. Facts: `adapter_base`, `base`."""

    code = "error-adapter-mismatch"
