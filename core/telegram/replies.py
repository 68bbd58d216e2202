"""How an assistant's reply looks in Telegram: the answer, then a short list of where it stands."""

from core.messages import Reply, Tier
from core.telegram.formatting import Rich, bold, from_markdown
from core.texts import Texts

SOURCES = 3


def show_reply(texts: Texts, reply: Reply, language: str) -> Rich:
    """Only a model writes Markdown; an owner's words and quotations stay as they are, to the character."""
    answer = from_markdown(reply.text) if reply.tier == Tier.GROUNDED else Rich(reply.text)
    sources: list[str] = []
    for citation in reply.citations:
        page = texts.say(language, "customer-source-page", page=citation.page) if citation.page else ""
        line = f"\n• {citation.document}{page}"
        if line not in sources:
            sources.append(line)
    if not sources:
        return answer
    return answer + Rich("\n\n") + bold(texts.say(language, "customer-sources")) + Rich("".join(sources[:SOURCES]))
