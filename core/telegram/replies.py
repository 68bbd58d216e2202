"""How an assistant's reply looks in Telegram: the answer, then a short list of where it stands."""

from core.messages import Citation, Reply, Tier
from core.telegram.formatting import Rich, bold, from_markdown, link
from core.texts import Texts

SOURCES = 3


def show_reply(texts: Texts, reply: Reply, language: str) -> Rich:
    """Only a model writes Markdown; an owner's words and quotations stay as they are, to the character."""
    answer = from_markdown(reply.text) if reply.tier == Tier.GROUNDED else Rich(reply.text)
    sources: list[Rich] = []
    for citation in reply.citations:
        source = _source(texts, citation, language)
        if source not in sources:
            sources.append(source)
    if not sources:
        return answer
    shown = answer + Rich("\n\n") + bold(texts.say(language, "customer-sources"))
    return sum(sources[:SOURCES], start=shown)


def _source(texts: Texts, citation: Citation, language: str) -> Rich:
    """A line; the page of a site can be opened."""
    name = link(citation.document, citation.url) if citation.url else Rich(citation.document)
    page = texts.say(language, "customer-source-page", page=citation.page) if citation.page else ""
    return Rich("\n• ") + name + Rich(page)
