"""Which language a sentence is in, by its little words: enough to see that it stands among sentences of another.

Rough on purpose: too few little words, no answer. Refuses to know what languages the product speaks (`core/words.py`).
"""

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 2
"""Little words that a sentence must have before it is said to be in a language."""
_LITTLE = {
    "en": """the and of to is are was were be been have has had not you your we our they their this that these those
    with for from by on in at it its he she his her will would can could should may if or as an but do does did there
    what when where how who which all any no than then so my me him them us about into up out more only also please
    must""",
    "de": """der die das und ist sind nicht ein eine einen einem einer dem den des mit auf für von zu zum zur im am als
    auch wird werden wurde sie wir ihr ihre ihren sich bei oder wenn aber dass nach aus über kann können muss müssen
    soll alle jede jeder jeden diese dieser dieses du dein deine deinen dir mir noch nur schon sehr haben hat""",
    "fr": """le la les des du un une et est sont ne pas que qui dans pour sur avec vous nous votre vos notre nos ce cet
    cette ces il elle ils elles au aux par plus ou mais se son sa ses leur je tu ton ta tes toute toutes tous doit
    être avoir fait""",
    "es": """el la los las un una y es son no que de del en por para con su sus se lo al como más o pero este esta
    estos estas usted nosotros ser debe todo toda todos todas cualquier cada tu tus muy está hay nos le""",
    "it": """il lo la gli le un una e è sono non che di del della dei delle nel nella per con su si al alla ai come più
    o ma questo questa questi queste ogni deve essere tuo tua tue tuoi suo sua anche hai ha ho""",
    "pt": """o a os as um uma e é são não que de do da dos das em no na nos nas por para com seu sua se ao como mais ou
    mas este esta você deve ser toda todo qualquer cada também está""",
    "nl": """de het een en is zijn niet van op voor met aan dat die deze dit door wij u uw je jouw ook als maar naar bij
    wordt worden moet elke alle te om""",
    "pl": """i w na z do się nie to jest że o jak po co przez dla od są lub oraz czy już tylko musi być każdej twoje
    ten ta te""",
    "tr": """ve bir bu için ile de da ne çok olan olarak gibi daha en her sen siz değil mi tüm""",
    "ru": """и в во не на с со по к из от за для что это как вы мы ваш ваша ваши наш наша или но если при все его её их
    у о об до после может быть есть был будет только также так же он она они ты я""",
    "uk": """і в у не на з до що це як ви ми ваш наш або але якщо при всі його її їх від для та буде тільки також ти
    вона вони є й""",
}
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _tongue, _listed in _LITTLE.items():
    for _word in _listed.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _tongue)
FUNCTION_WORDS = frozenset(_BY_WORD)
"""The little words of all these languages."""
_SCRIPTS = {
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "el": re.compile("[\u0370-\u03ff]"),
}
_FEWEST_SIGNS = 4
_CYRILLIC = re.compile("[а-яёА-ЯЁ]")
_MOSTLY = 0.6


def tongue_of(text: str) -> str:
    """ISO 639-1 code, or empty when the little words do not tell. Time grows with the length of the text."""
    for tongue in ("ja", "ko", "ar", "he", "hi", "th", "el", "zh"):
        if len(_SCRIPTS[tongue].findall(text)) >= _FEWEST_SIGNS:
            return tongue
    found: Counter[str] = Counter()
    for word in _WORD.findall(text.lower()):
        found.update(_BY_WORD.get(word, ()))
    ranked = found.most_common(2)
    if not ranked or ranked[0][1] < _FEWEST:
        return "ru" if len(_CYRILLIC.findall(text)) >= _MOSTLY * len(text) else ""
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] > ranked[1][1] else ""
