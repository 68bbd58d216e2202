"""The draft of an assistant, in one message: how far its reading is, then what came of it. Refuses to ask anything."""

from uuid import UUID

from aiogram.types import InlineKeyboardButton

from admin_bot.keyboards import Row, button
from admin_bot.progress import Glimpse, Watched
from admin_bot.reading import look_at_document
from admin_bot.site_card import ending_of, look_at_site
from core.app import Core
from core.crawling.addresses import shown
from core.drafting.steps import being_read, knows_anything, write_draft
from core.models import Assistant, Document, DocumentStatus, PassageRow, Site
from core.quarantine import count_waiting


async def look_at_draft(core: Core, watched: Watched) -> Glimpse:
    """The reading while it lasts; then the draft, which this look may be the one to write."""
    assistant = await Assistant.get_or_none(id=watched.subject)
    if assistant is None:
        menu = button(core.texts.say(watched.locale, "button-menu"), "menu")
        return Glimpse(core.texts.say(watched.locale, "admin-draft-gone"), ([menu],), over=True)
    source = await being_read(assistant.id)
    if source:
        glimpse = await _look_at_source(core, source, watched.locale)
        return Glimpse(glimpse.text, glimpse.rows)
    if not await knows_anything(assistant.id):
        text, rows = await nothing_read(core, assistant, watched.locale)
        return Glimpse(text, tuple(rows), over=True, loud=True)
    await write_draft(core, assistant)
    text, rows = await draft_card(core, assistant, watched.locale)
    return Glimpse(text, tuple(rows), over=True, loud=True)


async def _look_at_source(core: Core, source: Site | Document, locale: str) -> Glimpse:
    if isinstance(source, Site):
        return await look_at_site(core, Watched("site", source.id, locale, shown(source.url)))
    return await look_at_document(core, Watched("document", source.id, locale, source.title or source.filename))


async def draft_card(core: Core, assistant: Assistant, locale: str) -> tuple[str, list[Row]]:
    """Name, tone and greeting, what is known; what can be changed, and the one next step."""

    def say(key: str, **facts: str | int) -> str:
        return core.texts.say(locale, key, **facts)

    def a_button(key: str, do: str, about: UUID | None = assistant.id, **facts: str | int) -> InlineKeyboardButton:
        return button(say(key, **facts), do, about)

    none = say("admin-persona-none")
    text = say(
        "admin-draft",
        name=assistant.name,
        tone=assistant.persona or none,
        greeting=assistant.greeting or none,
        knows=await _known(core, assistant, locale),
    )
    withheld = await count_waiting(assistant)
    return text, [
        [a_button("button-looks-good", "first.good")],
        [
            a_button("button-draft-name", "first.name"),
            a_button("button-tone", "first.tone"),
            a_button("button-greeting", "first.greeting"),
        ],
        [a_button("button-quarantine", "quarantine", None, count=withheld)] if withheld else [],
        [a_button("button-menu", "menu", None)],
    ]


async def _known(core: Core, assistant: Assistant, locale: str) -> str:
    known = PassageRow.filter(assistant_id=assistant.id).distinct()
    documents = await Document.filter(id__in=list(await known.values_list("document_id", flat=True)))
    pages = sum(document.kind == "page" for document in documents)
    files = len(documents) - pages
    facts = {"pages": pages, "documents": files, "both": int(bool(pages and files))}
    said = [core.texts.say(locale, "admin-draft-knows", **facts)] if documents else []
    failed = await Document.filter(assistant_id=assistant.id, status=DocumentStatus.FAILED).exists()
    if failed or await Site.filter(assistant_id=assistant.id, pages_failed__gt=0).exists():
        said.append(core.texts.say(locale, "admin-draft-not-read"))
    return " ".join(said)


async def nothing_read(core: Core, assistant: Assistant, locale: str) -> tuple[str, list[Row]]:
    """Why there is nothing to draft from, and what will do instead."""
    site = await Site.filter(assistant_id=assistant.id).order_by("-created_at").first()
    document = await Document.filter(assistant_id=assistant.id).exclude(kind="page").order_by("-created_at").first()
    if document and (site is None or document.created_at > site.created_at):
        reason = (await _look_at_source(core, document, locale)).text
    elif site:
        reason = await ending_of(core, site, locale)
    else:
        return core.texts.say(locale, "admin-draft-material", name=assistant.name), []
    text = core.texts.say(locale, "admin-draft-nothing", reason=reason, name=assistant.name)
    again = [button(core.texts.say(locale, "button-read-again-now"), "first.again", assistant.id)] if site else []
    return text, [again, [button(core.texts.say(locale, "button-menu"), "menu")]]
