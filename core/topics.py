"""What an assistant speaks about, by its owner's wish: topics that are forbidden, and those that alone are allowed.

Told by meaning and by words (core/search/subjects.py), with no language model. Rather lets a question through than
turns a customer away: what is let through is still answered from documents only. How often it errs is held by
tests/integration/test_topics.py, on questions of our own writing: of ordinary questions to an assistant with six
forbidden topics at most 3 in a hundred are declined, of those about a forbidden topic at most 25 pass; of questions
outside of the allowed topics up to half pass. It cannot tell a topic from what a business sells beside it: who forbids
"sports" and sells football boots declines questions about boots. Names alone ("delivery to Russia") do not narrow a
topic.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.app import Core
from core.models import Assistant
from core.policy import policy_of
from core.search.subjects import nearness_to_topics, topics_elsewhere
from core.words import language_of

OFF_LIMITS = "off limits: "
"""So the reason begins, in an answer's record."""
FORBIDDEN = 2.2
"""So near (core/search/subjects.py) a question is about a forbidden topic."""
ALLOWED = -0.6
"""Less near than this to each allowed topic a question is about none of them."""
ELSEWHERE, CLEARLY_ALLOWED = 3.0, 2.0
"""So near to something outside of business a question is about that, unless it is so near to an allowed topic."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Why a question is not answered: what the customer reads, whether a person is called instead, why (for owners)."""

    sentence: str
    needs_person: bool
    reason: str


async def off_limits(core: Core, assistant: Assistant, question: str) -> Limit | None:
    """The owner's limit that a question crosses, if it does. Raises `Unavailable`."""
    policy = policy_of(assistant)
    topics = (*policy.forbidden_topics, *policy.allowed_topics)
    if not topics:
        return None
    near = await nearness_to_topics(core.embedder, question, topics)
    forbidden, allowed = near[: len(policy.forbidden_topics)], near[len(policy.forbidden_topics) :]
    if forbidden and max(forbidden) > FORBIDDEN:
        topic = policy.forbidden_topics[forbidden.index(max(forbidden))]
        sentence = _declined(core, language_of(question), topic)
        return Limit(sentence, policy.forbidden_calls_person, f"{OFF_LIMITS}{topic}")
    if allowed and await _is_elsewhere(core, question, max(allowed)):
        return Limit(
            _led_back(core, language_of(question), policy.allowed_topics),
            needs_person=False,
            reason=f"{OFF_LIMITS}none of the allowed topics",
        )
    return None


async def _is_elsewhere(core: Core, question: str, nearness: float) -> bool:
    """Whether a question that is so near to the allowed topics is about something else."""
    if nearness < ALLOWED or nearness >= CLEARLY_ALLOWED:
        return nearness < ALLOWED
    outside = await nearness_to_topics(core.embedder, question, topics_elsewhere(language_of(question)))
    return max(outside) > ELSEWHERE


def _declined(core: Core, language: str, topic: str) -> str:
    if language_of(topic) != language:  # his own language says nothing to this customer
        return core.texts.say(language, "customer-topic-forbidden")
    return core.texts.say(language, "customer-topic-forbidden-named", topics=topic)


def _led_back(core: Core, language: str, topics: Sequence[str]) -> str:
    """Names the topics that are written in the customer's language."""
    told = ", ".join(topic for topic in topics if language_of(topic) == language)
    key = "customer-topic-other-named" if told else "customer-topic-other"
    return core.texts.say(language, key, topics=told)
