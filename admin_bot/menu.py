"""How things stand, in one message, and the one next step; everything else is a button away."""

from admin_bot.talk import Talk
from core.channels import channels_of
from core.documents import documents_of
from core.models import DocumentStatus
from core.quarantine import count_waiting


async def show_menu(talk: Talk, said: str = "") -> None:
    """The menu under a sentence about what has just happened. Raises `NoAssistant`."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    states = [document.status for document in await documents_of(assistant)]
    ready, failed = states.count(DocumentStatus.INDEXED), states.count(DocumentStatus.FAILED)
    busy = len(states) - ready - failed
    withheld = await count_waiting(assistant)
    bots = ", ".join(f"@{channel.name}" for channel in await channels_of(assistant))
    lines = [
        *([said, ""] if said else []),
        talk.words("admin-menu-title", name=assistant.name),
        talk.words("admin-menu-documents", ready=ready, busy=busy, failed=failed),
        talk.words("admin-menu-bots", bots=bots) if bots else talk.words("admin-menu-no-bots"),
        "",
        talk.words(_next_step(ready, busy, bool(bots))),
    ]
    await talk.show(
        "\n".join(lines),
        [talk.button("button-quarantine", "quarantine", count=withheld)] if withheld else [],
        [talk.button("button-documents", "docs"), talk.button("button-ask", "ask")],
        [talk.button("button-channels", "bots"), talk.button("button-persona", "persona")],
        [talk.button("button-verified", "answers"), talk.button("button-training", "training")],
        [talk.button("button-assistants", "assistants")],
        [talk.button("button-language", "language"), talk.button("button-help", "help")],
    )


def _next_step(ready: int, busy: int, has_bot: bool) -> str:
    if not ready:
        return "admin-next-wait" if busy else "admin-next-file"
    return "admin-next-ask" if has_bot else "admin-next-bot"
