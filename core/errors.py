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


class NoSuchModel(NotFound):
    """Facts: `model`, as it was asked for."""

    code = "error-no-such-model"


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


class ConversationTaken(Conflict):
    """Another person talks in this conversation. Facts: `who`."""

    code = "error-conversation-taken"


class CustomerUnreachable(Conflict):
    """What was written last did not reach him: he has blocked the bot."""

    code = "error-customer-unreachable"


class KeyReused(Conflict):
    """An idempotency key came again with another request."""

    code = "error-key-reused"


class Invalid(ProductError):
    """A value that cannot be accepted. Facts: `field`; `reason`, the key of a sentence; that sentence's facts."""

    code = "error-invalid"


class WrongBotToken(Invalid):
    code = "error-wrong-bot-token"


class PromptTooLong(Invalid):
    """Facts: `field`; `most`, tokens that the model holds."""

    code = "error-prompt-too-long"


class LimitReached(ProductError):
    """A bound of the tenant or the service; each has a sentence of its own. Facts: `limit`."""


class TooManyAssistants(LimitReached):
    code = "error-too-many-assistants"


class TooManyWordings(LimitReached):
    code = "error-too-many-wordings"


class TooManySites(LimitReached):
    code = "error-too-many-sites"


class TooManyWaiting(LimitReached):
    code = "error-too-many-waiting"


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


class DocumentTypeOld(DocumentTypeUnknown):
    """Word's or Excel's format of before 2007. Facts: `save_as`, the format to save it as."""

    code = "error-document-type-old"


class DocumentLocked(DocumentRejected):
    """Encrypted with a password."""

    code = "error-document-locked"


class DocumentBroken(DocumentRejected):
    """The format's own reader gave up."""

    code = "error-document-broken"


class DocumentScanned(DocumentRejected):
    """Pages are pictures without a text layer. Facts: `pages`."""

    code = "error-document-scanned"


class DocumentUnreadable(DocumentRejected):
    """Pages are pictures, and recognition found no text in them. Facts: `pages`."""

    code = "error-document-unreadable"


class DocumentPartlyScanned(DocumentRejected):
    """What could be read is read; these pages are pictures. Facts: `pages`, "3, 7"."""

    code = "error-document-partly-scanned"


class DocumentTwice(DocumentRejected):
    """Another document of this assistant has the same content."""

    code = "error-document-twice"


class DocumentSuspicious(DocumentRejected):
    """All of its text waits for the owner's decision (core/quarantine.py)."""

    code = "error-document-suspicious"


class DocumentTooHard(DocumentRejected):
    """Reading it took more time or memory than one document may have."""

    code = "error-document-too-hard"


class AddressRefused(ProductError):
    """An address that is malformed, or not one of the public network. Facts: `reason`, for logs."""

    code = "error-address-refused"


class FetchFailed(ProductError):
    """The root of everything that can go wrong with a site that may be read."""

    code = "error-fetch-failed"


class SiteNotFound(FetchFailed):
    """Nobody knows the name."""

    code = "error-site-not-found"


class SiteUnreachable(FetchFailed):
    """The connection was refused or broke off."""

    code = "error-site-unreachable"


class SiteSilent(FetchFailed):
    """No answer in time, or one that comes too slowly."""

    code = "error-site-silent"


class SiteInsecure(FetchFailed):
    """Its certificate is wrong, or there is none."""

    code = "error-site-insecure"


class SiteBroken(FetchFailed):
    """The answer is no proper HTTP, or is shorter than promised."""

    code = "error-site-broken"


class PageTooLarge(FetchFailed):
    """Facts: `limit_mb`."""

    code = "error-page-too-large"


class TooManyRedirects(FetchFailed):
    code = "error-too-many-redirects"


class RobotsUnavailable(FetchFailed):
    """The site's server fails where its rules for robots should be: until it is back, nothing may be read."""

    code = "error-robots-unavailable"


class TrainingFailed(ProductError):
    """Facts: `reason`, a short plain text for the log page."""

    code = "error-training-failed"


class TooLittleData(TrainingFailed):
    """Facts: `found`, `needed`."""

    code = "error-too-little-data"


class CannotTrain(ProductError):
    """Nobody has said which weights belong to the model that answers. Facts: `base`."""

    code = "error-cannot-train"


class AdapterMismatch(ProductError):
    """An adapter trained for another base model. Facts: `adapter_base`, `base`."""

    code = "error-adapter-mismatch"
