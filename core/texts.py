"""Every sentence a person reads, in his language. Sentences live in `core/locales/*.ftl` (Project Fluent)."""

from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

from core.errors import Invalid, ProductError

FOLDER = Path(__file__).parent / "locales"
LOCALES = ("en", "ru")


class Texts:
    """All locales, read once. An unknown locale falls back to English, an unknown key is an error."""

    def __init__(self) -> None:
        self._bundles = {locale: _read(locale) for locale in LOCALES}

    def say(self, locale: str, key: str, **facts: str | int | float) -> str:
        """The sentence `key` with its facts filled in. Raises `KeyError` for a key nobody wrote."""
        bundle = self._bundles.get(locale, self._bundles["en"])
        message = bundle.get_message(key)
        if message.value is None:
            raise KeyError(key)
        sentence, errors = bundle.format_pattern(message.value, facts)
        if errors:
            raise KeyError(f"{key}: {errors[0]}")
        return str(sentence)

    def explain(self, locale: str, error: ProductError) -> str:
        """What went wrong and what to do, for the person who did it."""
        facts = error.facts
        if error.code == Invalid.code:
            facts = facts | {"reason": self.say(locale, str(facts["reason"]), **facts)}
        return self.say(locale, error.code, **facts)

    def knows(self, key: str) -> bool:
        return all(bundle.has_message(key) for bundle in self._bundles.values())


@cache
def _read(locale: str) -> FluentBundle:
    """Once in a process: to parse a locale takes a third of a second."""
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(FluentResource((FOLDER / f"{locale}.ftl").read_text(encoding="utf-8")))
    return bundle
