"""Files of a customer's message while a person talks to him, or is awaited: each goes to that person as a turn.

A file is fetched with this workspace's token and written down before its turn, so that whoever passes the turn on finds
it. Refuses to know who the person is and where he reads.
"""

from uuid import uuid5

from bots.slack.desk import Desk
from bots.slack.reading import Heard, source_name
from core.app import Core
from core.attachments import MOST_A_DAY, attachment_of, keep, new_place, sent_today
from core.messages import Piece
from core.models import Assistant
from core.slack.files import LARGEST_FILE, FileLost, FileTooBig, SlackFile, fetch_file, file_in

MOST_FILES = 10
"""Of one message."""


def turns_of(core: Core, assistant: Assistant, heard: Heard, piece: Piece) -> tuple[Piece, ...]:
    """A turn for each file, the message's words with the first: what the person reads, in the assistant's language."""
    turns = []
    for number, one in enumerate(heard.files[:MOST_FILES]):
        thing = file_in(one, piece.text if number == 0 else "").thing
        turn_id = uuid5(piece.id, f"file {number}") if number else piece.id
        turns.append(Piece(turn_id, thing.in_words(core.texts, assistant.locale)))
    return tuple(turns)


async def keep_files(desk: Desk, assistant: Assistant, heard: Heard, turns: tuple[Piece, ...]) -> str:
    """Fetch each and write it down, once. The key of the sentence that says why one was not; empty when all were."""
    refused = ""
    for number, (one, turn) in enumerate(zip(heard.files, turns, strict=False)):
        if not await attachment_of(turn.id):
            refused = (
                await _keep(desk, assistant, heard, file_in(one, heard.text if number == 0 else ""), turn) or refused
            )
    return refused


async def _keep(desk: Desk, assistant: Assistant, heard: Heard, file: SlackFile, turn: Piece) -> str:
    if file.size > LARGEST_FILE:
        return "customer-file-too-big"
    if await sent_today(assistant.id, source_name(desk.channel), heard.contact_key) + file.size > MOST_A_DAY:
        return "customer-files-enough"
    place = new_place(desk.core.settings)
    try:
        await fetch_file(desk.outbound, file, place)
    except FileTooBig:
        return "customer-file-too-big"
    except FileLost:
        return "customer-file-lost"
    await keep(assistant.id, turn.id, file.thing, place)
    return ""
