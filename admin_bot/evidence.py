"""Under an answer: why it came out so, on which passages it stands, and what can be done about each.

One message that is made anew from the database each time, so that its buttons work after a restart and on old messages:
they name the answer and the passage (`Press.id` and, as `Press.page`, the mark of the passage's id). Refuses to know
what the buttons do: `trying.py` does.
"""

from admin_bot.keyboards import Row, shortened
from admin_bot.talk import Talk
from core.channels import channels_of
from core.messages import Tier
from core.models import Assistant, HandoffReason, Message, Role
from core.tracing import Exhibit, State, Trace, Why, mark_of, trace_answer

AT_ONCE = 3
LONGEST_QUOTE = 350
_LONGEST_HEADING = 80
_WHY = {
    Why.READY: "admin-tier-verified",
    Why.COURTESY: "admin-tier-courtesy",
    Why.OFF_LIMITS: "admin-tier-off-limits",
    Why.HANDED_OVER: "admin-tier-handed_over",
    Why.WRITTEN: "admin-tier-grounded",
    Why.QUOTED_LANGUAGE: "admin-why-quoted-language",
    Why.QUOTED_TIME: "admin-why-quoted-time",
    Why.QUOTED_AWAY: "admin-why-quoted-away",
    Why.QUOTED_UNSUPPORTED: "admin-why-quoted-unsupported",
    Why.UNKNOWN: "admin-tier-refused",
    Why.STILL_READING: "admin-why-still-reading",
    Why.SEARCH_AWAY: "admin-why-search-away",
    Why.PERSON: "admin-why-person",
}
_STATES = {
    State.OWN_WORDS: "admin-evidence-own-words",
    State.HIDDEN: "admin-evidence-hidden",
    State.CORRECTED: "admin-evidence-corrected",
    State.GONE: "admin-evidence-gone",
}
_NOTHING_TO_DO = (Why.COURTESY, Why.HANDED_OVER, Why.PERSON)
"""Of these an owner's words would change nothing: they come before anything is looked up."""


async def show_evidence(
    talk: Talk, assistant: Assistant, answer: Message, page: int = 0, said: str = "", undo: Row = (), about: int = 0
) -> None:
    """In place of the message whose button was pressed, or as a new one. `said` is what has just been done, `undo` what
    takes it back; `about` is the mark of a passage whose page is shown."""
    trace = await trace_answer(talk.core, assistant, answer)
    marks = [mark_of(one.passage.id) if one.passage else 0 for one in trace.exhibits]
    if about in marks:
        page, undo = marks.index(about) // AT_ONCE, ()
    page = min(max(page, 0), max(0, len(marks) - 1) // AT_ONCE)
    shown = list(enumerate(trace.exhibits, 1))[page * AT_ONCE : (page + 1) * AT_ONCE]
    live = bool(await channels_of(assistant))
    text = "\n\n".join(filter(None, [said, _why(talk, trace, answer), *(_line(talk, *one) for one in shown)]))
    rows = [_choices(talk, answer, number, one, len(marks)) for number, one in shown]
    await talk.show(
        "\n\n".join(filter(None, [text, _next(talk, trace, answer, live)])),
        undo,
        *rows,
        _turn(talk, answer, page, len(marks)),
        *_last(talk, trace, answer, live),
    )


def _why(talk: Talk, trace: Trace, answer: Message) -> str:
    """The tier in plain words, and what belongs to it."""
    lines = [talk.words(_WHY[trace.why])]
    if trace.why is Why.READY:
        if trace.ready:
            lines.append(talk.words("admin-evidence-ready", question=shortened(trace.ready.question, LONGEST_QUOTE)))
        else:
            lines.append(talk.words("admin-evidence-ready-gone"))
    called_because = answer.reason.rpartition(": ")[2]
    if trace.why is Why.HANDED_OVER and called_because in {reason.value for reason in HandoffReason}:
        reason = talk.words(f"handoff-reason-{HandoffReason(called_because).value}")
        lines.append(talk.words("admin-evidence-called", reason=reason))
    if trace.why is Why.UNKNOWN:
        lines.append(talk.words("admin-evidence-nearest" if trace.exhibits else "admin-evidence-nothing-near"))
    return "\n".join(lines)


def _line(talk: Talk, number: int, one: Exhibit) -> str:
    where = talk.words("admin-search-page", document=one.document, page=one.page) if one.page else one.document
    heading = one.heading.rpartition(" > ")[2]
    if heading and heading != one.document:
        where = f"{where} · {shortened(heading, _LONGEST_HEADING)}"
    told = talk.words("admin-evidence-passage", number=number, where=where, text=_excerpt(one))
    why_not = [_why_not(talk, one)] if one.fits is not None else []
    state = [talk.words(_STATES[one.state])] if one.state in _STATES else []
    return "\n".join([told, *why_not, *state])


def _excerpt(one: Exhibit) -> str:
    """The sentence that carried the answer, with marks where the passage says more."""
    quote = shortened(" ".join(one.quote.split()), LONGEST_QUOTE)
    whole = " ".join(one.passage.text.split()) if one.passage else quote
    before = "" if whole.startswith(quote) else "… "
    after = "" if whole.endswith(quote) or quote.endswith("…") else " …"
    return f"{before}{quote}{after}"


def _why_not(talk: Talk, one: Exhibit) -> str:
    if one.enough:
        return talk.words("admin-evidence-enough-now")
    if not one.lacks:
        return talk.words("admin-evidence-fits-little", percent=round(100 * (one.fits or 0.0)))
    quotes = "«{}»" if talk.locale == "ru" else "“{}”"
    key = "admin-evidence-lacks" if one.near else "admin-evidence-far"
    return talk.words(key, words=", ".join(quotes.format(word) for word in one.lacks))


def _choices(talk: Talk, answer: Message, number: int, one: Exhibit, count: int) -> Row:
    """What can be done about one passage; its number stands on the buttons where there are several."""
    if one.passage is None:
        return []
    mark, alone = mark_of(one.passage.id), count == 1
    if one.state in (State.HIDDEN, State.CORRECTED):
        label = "button-try-back" if alone else "button-undo-numbered"
        return [talk.button(label, "try.back", answer.id, mark, number=number)]
    fix = talk.button("button-fix" if alone else "button-fix-numbered", "try.fix", answer.id, mark, number=number)
    if one.state is State.OWN_WORDS:
        return [fix, talk.button("button-own-words-back", "try.back", answer.id, mark, number=number)]
    return [
        fix,
        talk.button("button-hide" if alone else "button-hide-numbered", "try.hide", answer.id, mark, number=number),
    ]


def _turn(talk: Talk, answer: Message, page: int, count: int) -> Row:
    before = [talk.button("button-less", "try.why", answer.id, page - 1)] if page else []
    after = [talk.button("button-more", "try.why", answer.id, page + 1)] if (page + 1) * AT_ONCE < count else []
    return before + after


def _next(talk: Talk, trace: Trace, answer: Message, live: bool) -> str:
    said = []
    if talk.actor.may(Role.MANAGER) and trace.why not in _NOTHING_TO_DO and answer.tier != Tier.REFUSED:
        said.append("admin-try-next-fix" if trace.exhibits else "admin-try-next-replace")
    if not live and answer.tier != Tier.REFUSED and trace.why not in _NOTHING_TO_DO:
        said.append("admin-tier-next-bot")
    return "\n".join(talk.words(key) for key in said)


def _last(talk: Talk, trace: Trace, answer: Message, live: bool) -> list[Row]:
    own: list[Row] = []
    if trace.why not in (*_NOTHING_TO_DO, Why.OFF_LIMITS) and trace.question:
        label = "button-teach" if answer.tier == Tier.REFUSED else "button-replace"
        own = [[talk.button(label, "try.replace", answer.id)]]
    again = [talk.button("button-again", "try.again", answer.id)] if trace.question else []
    looked_up = [talk.button("button-found", "try.found", answer.id)] if trace.exhibits else []
    connect = [] if live else [talk.button("button-connect", "connect")]
    return [
        *own,
        [*again, talk.button("button-start-over", "try.over")],
        [*looked_up, *connect],
        [talk.button("button-menu", "menu")],
    ]
