"""How an assistant's reply looks in Slack: the answer, then a short list of where it stands."""

from core.messages import Citation, Reply, Tier
from core.slack.formatting import Block, from_markdown, section, verbatim
from core.slack.mrkdwn import escape, link
from core.texts import Texts

SOURCES = 3
_LONGEST_NAME = 300
_LONGEST_ADDRESS = 600
"""Characters; three of each fit into a section."""


def show_reply(texts: Texts, reply: Reply, language: str) -> list[Block]:
    """Only a model writes Markdown; an owner's words and quotations stay as they are, to the character."""
    answer = from_markdown(reply.text) if reply.tier == Tier.GROUNDED else verbatim(reply.text)
    sources = list(dict.fromkeys(_source(texts, citation, language) for citation in reply.citations))[:SOURCES]
    if not answer or not sources:
        return answer
    title = escape(texts.say(language, "customer-sources"))
    return [*answer, section("\n".join([f"*{title}*", *(f"• {source}" for source in sources)]))]


def _source(texts: Texts, citation: Citation, language: str) -> str:
    """A line; the page of a site can be opened."""
    name, url = citation.document[:_LONGEST_NAME], citation.url
    named = link(name, url) if 0 < len(url) <= _LONGEST_ADDRESS else escape(name)
    page = texts.say(language, "customer-source-page", page=citation.page) if citation.page else ""
    return named + escape(page)
