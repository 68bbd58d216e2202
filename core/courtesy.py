"""What is said to small talk: the assistant's own sentences, without search among documents and without a model.

Where it is natural, one next step follows: a question that can be asked. A question that the owner has answered himself
("Who are you?") is left to his answer. Refuses to know how small talk is recognised (core/small_talk.py).
"""

import re

from core.app import Core
from core.assistants import sample_questions
from core.errors import Unavailable
from core.models import Assistant, Document, DocumentStatus
from core.passages import CORRECTION
from core.policy import policy_of
from core.small_talk import ASKS, is_of_either_language, small_talk_in
from core.small_talk_lists import Kind
from core.verified import nearest_verified
from core.words import language_of

MOST_TITLES = 3
LONGEST_TITLE = 60
_LEADS_ON = frozenset((Kind.HELLO, Kind.HOW, Kind.WHO, Kind.ABILITY, Kind.ASIDE, Kind.TEST, Kind.EMOJI, Kind.NOTHING))
"""To these an example is added of what can be asked."""
_TITLE = re.compile(r"(?!(?:scan|img|image|doc|document|file|untitled|скан|фото|документ|файл)\b)[^\W\d_]{3,}.*", re.I)
_FILE_ENDING = re.compile(r"\.\w{2,5}$")


def greeting_of(core: Core, assistant: Assistant, language: str) -> str:
    """What a customer reads first: the owner's greeting, or ours."""
    return assistant.greeting or core.texts.say(language, "customer-greeting", name=assistant.name)


async def courteous_answer(core: Core, assistant: Assistant, text: str) -> str:
    """The answer to words that ask for nothing that documents could say; empty for everything else."""
    kind = small_talk_in(text, assistant.name)
    if kind is None or (kind in ASKS and await _owner_answers(core, assistant, text)):
        return ""
    language = assistant.locale if is_of_either_language(text) else language_of(text)
    examples = [one for one in await sample_questions(assistant, language) if small_talk_in(one) is None]
    said = await _sentence(core, assistant, kind, language)
    leads_on = kind in _LEADS_ON and not (kind is Kind.HELLO and assistant.greeting)
    if not (leads_on and examples):
        return said
    return f"{said} {core.texts.say(language, 'customer-small-talk-example', question=examples[0])}"


async def _sentence(core: Core, assistant: Assistant, kind: Kind, language: str) -> str:
    def say(key: str, **facts: str) -> str:
        return core.texts.say(language, key, name=assistant.name, **facts)

    if kind is Kind.HELLO:
        return greeting_of(core, assistant, language)
    if kind is not Kind.NOTHING and not policy_of(assistant).small_talk:
        return say("customer-small-talk-off")
    if kind is Kind.ABILITY and (titles := await _titles(assistant, language)):
        return say("customer-small-talk-ability-about", titles=titles)
    return say(f"customer-small-talk-{kind.value}")


async def _owner_answers(core: Core, assistant: Assistant, text: str) -> bool:
    """Whether a verified answer would be given to these words."""
    try:
        nearest = await nearest_verified(core, assistant, text, limit=1)
    except Unavailable:  # courtesy needs no search
        return False
    return any(match.would_match for match in nearest)


async def _titles(assistant: Assistant, language: str) -> str:
    """What the documents are about, as people would say it; those in the customer's language, or else all."""
    rows = Document.filter(assistant_id=assistant.id, status=DocumentStatus.INDEXED).exclude(kind=CORRECTION)
    named = [_title(row) for row in await rows.order_by("created_at").limit(20)]
    told = list(dict.fromkeys(title for title in named if title))
    own = [title for title in told if language_of(title) == language] or told
    quotes = "«{}»" if language == "ru" else "“{}”"
    return ", ".join(quotes.format(title) for title in own[:MOST_TITLES])


def _title(document: Document) -> str:
    """Empty when the name was made for machines: "scan_0017.pdf", an address."""
    title = " ".join((document.title or _FILE_ENDING.sub("", document.filename)).replace("_", " ").split())
    return title if _TITLE.match(title) and len(title) <= LONGEST_TITLE and "://" not in title else ""
