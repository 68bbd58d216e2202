"""What an owner says of a setting in the same breath as his wish: the topic, longer or shorter, an example to write by,
working hours. By rules, in English and Russian; what is not plainly there is None.

Refuses to know what he wants (core/intents) and what becomes of it.
"""

import re

from core.policy import LONGEST_TOPIC, Length

_PREFIX = r"^(?:please,?\s+|пожалуйста,?\s+|и\s+|and\s+|so\s+)*"
_WHO = r"(?:(?:it|the assistant|the bot|he|ассистент\w*|бот\w*|он)\s+)?"
_FORBID = (
    _PREFIX + _WHO + r"(?:should|must|may|can|shall)?\s*"
    r"(?:do not|don.?t|not|shouldn.?t|mustn.?t|can.?t|never|stop|no)\s+"
    r"(?:let it\s+|ever\s+)?(?:talk\w*|speak\w*|chat\w*|answer\w*|discuss\w*|mention\w*|say\w*)"
    r"(?:\s+(?:any\s*thing|questions))?(?:\s+(?:about|on|of))?\s+(?P<topic>.+)",
    _PREFIX + r"(?:forbid|ban|avoid)\s+(?:the\s+)?(?:topics?|subjects?|talk(?:ing)?|questions)?\s*"
    r"(?:of|about)?\s*(?P<topic>.+)",
    _PREFIX + r"no\s+(?:talk|questions|answers)\s+(?:about|on)\s+(?P<topic>.+)",
    _PREFIX + _WHO + r"(?:пусть\s+)?(?:больше\s+)?(?:он\s+|ассистент\s+|бот\s+)?(?:никогда\s+)?"
    r"не\s+(?:должен\s+|надо\s+|нужно\s+|стоит\s+)?"
    r"(?:говор\w+|обсужда\w+|отвеча\w+|разговарива\w+|рассказыва\w+|болта\w+|рассужда\w+|упомина\w+|обсуди\w*)"
    r"(?:\s+на\s+(?:тем[уы]|вопросы))?(?:\s+(?:о|об|обо|про|насч[её]т))?\s+(?P<topic>.+)",
    _PREFIX + r"(?:запрети\w*|избега\w+)\s+(?:ему\s+)?"
    r"(?:тем[ауы]\s+|разговор\w*\s+|говорить\s+|обсуждать\s+|обсуждение\s+)?"
    r"(?:(?:о|об|обо|про)\s+)?(?P<topic>.+)",
    _PREFIX + r"(?:никаких|без)\s+(?:разговоров|вопросов|тем|обсуждений)\s+(?:(?:о|об|обо|про)\s+)?(?P<topic>.+)",
)  # fmt: skip
_FORBIDDEN = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _FORBID)
_NO_TOPIC = re.compile(
    r"^(?:(?:some|any|the|all|new|few|these|those|a|of|it|that|this|so|much|too|more|less|long|anything|everything"
    r"|некотор\w+|эт\w+|новы\w+|лишн\w*|так|много|долго|слишком|лишнего|всё|все|тем\w*|topics?|subjects?"
    r"|with|to|с|со|нему?|him|customers?|клиент\w*|по-\w+|in|на|formal\w*|rude\w*|грубо)\b\s*)"
)
_AFTER = re.compile(r"(?:,?\s*(?:please|пожалуйста|any ?more|больше|ok|okay|ладно|at all|вообще))+$", re.IGNORECASE)
_SHORTER = re.compile(
    r"\b(?:shorter|short|brief\w*|concise\w*|less text|fewer words|too long|too much|shorten|кратк\w+|кратче|короч\w*"
    r"|коротк\w+|покороче|лаконичн\w+|меньше (?:слов|текста)|слишком длинн\w+|сократи\w*|многословн\w+)\b"
)
_LONGER = re.compile(
    r"\b(?:longer|long|detail\w*|in full|more (?:text|words|thorough)|too short|thorough\w*|подробн\w+|поподробнее"
    r"|длинн\w+|длинее|подлинне\w+|развернут\w+|полнее|обстоятельн\w+|слишком коротк\w+|детальн\w+)\b"
)
_TOO_SHORT = re.compile(r"too (?:short|brief)|слишком (?:коротк|кратк)")
_TOO_LONG = re.compile(r"too (?:long|detailed|much)|слишком (?:длинн|подробн|много)")
_FLIPPED = re.compile(
    r"\b(?:not|don.?t|less|не|менее)\b(?: \w+){0,2}? (?:so|too|that|as|так|слишком|такие|long|short|подробн|длинн)"
)
_EXAMPLE = re.compile(
    r"^(?:please,?\s+|пожалуйста,?\s+)?(?:write|answer|speak|talk|reply|respond|пиши|пишите|отвечай|отвечайте|говори|говорите"
    r"|общайся|общайтесь)(?:\s+(?:to\s+)?(?:customers|клиентам|с клиентами|them|им))?\s+"
    r"(?:like\s+(?:this|that|these|so)|this\s+way|as\s+follows|in\s+this\s+(?:style|manner|way)"
    r"|(?:вот\s+|примерно\s+)?так|как\s+(?:здесь|тут|в примере)|в\s+(?:таком|этом)\s+(?:стиле|духе|тоне))"
    r"(?:\s+please|,?\s*пожалуйста)?(?P<value>\s*[:—–\n].*|[.…!]*)$",
    re.IGNORECASE | re.DOTALL,
)
_SETS = re.compile(r"set|change|update|new|поменя|измени|укажи|постав|запомни|установи|настро|новы")
_HOURS = re.compile(
    r"^(?P<lead>(?:(?:our|the|set|change|update|new|my|please|these|are|наш\w*|мои|поменя\w+|измени\w*|укажи\w*|поставь\w*"
    r"|запомни\w*|установи\w*|настро\w+|пожалуйста|новы\w+|у нас|теперь)\s+)*)"
    r"(?P<cue>(?:working|opening|business|office|work)\s+(?:hours|times?)|hours|we(?:.re|\s+are)\s+(?:open|there)|we\s+(?:work|open)"
    r"|(?:часы|график|режим|время|расписание)\s+работы|рабоч\w+\s+(?:часы|время)|мы\s+(?:работаем|открыты)|работаем"
    r"|часы)\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


def topic_to_avoid(text: str) -> str | None:
    """The topic of "don't talk about politics", in his own words."""
    said = " ".join(text.split()).rstrip(".!")
    for pattern in _FORBIDDEN:
        if found := pattern.match(said):
            topic = _AFTER.sub("", found["topic"]).strip(" «»“”\"'.,:")
            if 2 < len(topic) <= LONGEST_TOPIC and "?" not in topic and not _NO_TOPIC.match(topic.lower()):
                return topic
    return None


def length_wanted(text: str, now: Length) -> Length | None:
    """The next length in the direction that he names; the same one at the end of the scale."""
    said = text.lower().replace("ё", "е")
    if _TOO_SHORT.search(said):
        step = 1
    elif _TOO_LONG.search(said):
        step = -1
    else:
        step = bool(_LONGER.search(said)) - bool(_SHORTER.search(said))
    scale = list(Length)
    if _FLIPPED.search(said) and not (_TOO_SHORT.search(said) or _TOO_LONG.search(said)):
        step = -step
    return scale[min(max(scale.index(now) + step, 0), len(scale) - 1)] if step else None


def tone_example_in(text: str) -> str | None:
    """The message that "write like this: …" shows; empty when he has yet to send it, None when he wants something
    else."""
    found = _EXAMPLE.match(text.strip())
    return found["value"].strip(' \n\t:—–.…!«»“”"') and found["value"].lstrip(" :—–\n\t").strip() if found else None


def hours_said(text: str) -> str | None:
    """What he says behind "our hours are …"; empty when he only wants to set them, None when it is about something
    else: customers ask, too."""
    found = _HOURS.match(text.strip())
    if found is None or "?" in text:
        return None
    said = found["rest"].strip(" :—–-.!")
    return said if said or _SETS.search(found["lead"].lower()) else None
