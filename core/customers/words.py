"""What a customer has said, in every form in which it may have been kept: as typed, in bursts, made whole by what was
said before, masked for training. Compared by `question_key`, so that case and punctuation hide nothing.

A question that a language model has put into other words cannot be found by comparing: there all its words must come
from one of his conversations. Changes nothing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from core.gaps import question_key
from core.learning.masking import masked
from core.messages import Said
from core.models import Author, Contact, Conversation, Message
from core.rewriting import standalone_question

FEWEST_WORDS = 4
"""A shorter question could be anybody's."""
_MOST_BEFORE = 20
_WORD = re.compile(r"[^\W_]+")
_MOST_PIECES = 12


@dataclass(slots=True)
class Words:
    """`asked`: key of a question -> how often he has asked it. `talks`: the words of each of his conversations."""

    contact: Contact
    conversations: list[UUID] = field(default_factory=list)
    messages: list[UUID] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    texts: set[str] = field(default_factory=set)
    talks: list[set[str]] = field(default_factory=list)

    def times(self, text: str, among: int = 1) -> int:
        """How often he, and nobody else that we know of, has asked this; `among` is how often it was asked at all."""
        key = question_key(text)
        if found := self.asked[key]:
            return min(found, among)
        said = set(key.split())
        from_him = len(said) >= FEWEST_WORDS and any(said <= talk for talk in self.talks)
        return among if from_him and among == 1 else 0

    def holds(self, text: str) -> bool:
        """Whether a text is his, or the beginning of one."""
        key = question_key(text)
        return bool(key) and (key in self.asked or any(one.startswith(key) for one in self.asked if len(key) > 20))


async def words_of(contact: Contact) -> Words:
    """Of all his conversations."""
    words = Words(contact)
    for conversation in await Conversation.filter(contact_id=contact.id).order_by("created_at"):
        words.conversations.append(conversation.id)
        turns = await Message.filter(conversation_id=conversation.id).order_by("created_at")
        words.messages += [turn.id for turn in turns]
        words.talks.append({word for turn in turns for word in _WORD.findall(turn.text.lower())})
        _read(words, turns)
    return words


def _read(words: Words, turns: Sequence[Message]) -> None:
    """Each question of his, alone and together with those just before it, and what it meant after what was said."""
    for place, turn in enumerate(turns):
        if turn.author != Author.CUSTOMER:
            continue
        first = place
        while first and turns[first - 1].author == Author.CUSTOMER and place - first < _MOST_PIECES:
            first -= 1
        forms = set[str]()
        for start in range(first, place + 1):
            text = "\n".join(one.text for one in turns[start : place + 1])
            before = [
                Said(row.author.value, row.text, row.tier, row.reason)
                for row in turns[max(0, start - _MOST_BEFORE) : start]
                if row.text
            ]
            forms |= {text, standalone_question(text, before)}
        words.texts |= forms
        forms |= {masked(form, (words.contact.name,)) for form in forms}
        words.asked.update({key for form in forms if (key := question_key(form))})
