"""A username that Telegram is likely to give a new bot: from the assistant's name, in Latin letters. Pure.

Telegram's rules: 5 to 32 Latin letters, digits and underscores, a letter first, "bot" at the end
(https://core.telegram.org/bots/features#botfather).
"""

import re
import unicodedata

LONGEST_NAME = 64
LONGEST_USERNAME = 32
_TAIL = "_bot"
_SOUNDS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya i yi ye g u".split(),
        strict=True,
    )
)


def suggested_name(name: str) -> str:
    """What people see above the chat."""
    return name.strip()[:LONGEST_NAME].rstrip()


def suggested_username(name: str, chance: str) -> str:
    """`chance` is a few letters and digits that make it unlikely to be taken."""
    tail = f"_{chance}{_TAIL}"
    said = re.sub(r"_?bot$", "", _in_latin(name)) or "assistant"
    if not said[0].isalpha():
        said = f"ask_{said}"
    return said[: LONGEST_USERNAME - len(tail)].rstrip("_") + tail


def _in_latin(name: str) -> str:
    spelled = "".join(_SOUNDS.get(letter, letter).replace("-", "") for letter in name.lower())
    plain = unicodedata.normalize("NFKD", spelled).lower()
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"[\u0300-\u036f'’]", "", plain)).strip("_")
