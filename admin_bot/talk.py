"""One owner at the other end: who he is, in which language he reads, which assistant he works with, how to answer.

Made for each update by `edge.py` and handed to the handler. Refuses to know what the conversations are about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiogram.fsm.context import FSMContext
from aiogram.types import InlineKeyboardButton

from admin_bot.keyboards import Row, button, keyboard, link, name_of_button, role_for
from admin_bot.progress import Progress
from admin_bot.talking import TALKING, Answering
from core.app import Core
from core.changes import last_change_of
from core.errors import NotFound
from core.intents.reader import IntentReader
from core.models import Assistant, Conversation, Gap, Role, User
from core.profiles import remember_business
from core.team import must_be_in_team
from core.telegram.formatting import Rich
from core.telegram.outbound import Outbound, Place
from core.tenancy import (
    Actor,
    actor_of,
    actor_with_assistant,
    actor_with_conversation,
    actor_with_gap,
    assistant_of,
    assistants_of,
)
from core.undoing import may_undo

ASSISTANT = "assistant"


class NoAssistant(Exception):
    """He has none yet: whatever he wanted, the next step is to make one."""


@dataclass(slots=True)
class Talk:
    """`shown` is the message whose button he pressed, None when he wrote.

    Buttons that somebody of his role may not press are not shown to him; `roles` says which.
    """

    core: Core
    outbound: Outbound
    progress: Progress
    intents: IntentReader
    state: FSMContext
    user: User
    actor: Actor
    chat_id: int
    roles: Mapping[str, Role]
    shown: int | None = None

    @property
    def locale(self) -> str:
        return self.user.locale

    @property
    def place(self) -> Place:
        return Place(self.chat_id)

    def words(self, key: str, **facts: str | int) -> str:
        return self.core.texts.say(self.locale, key, **facts)

    def button(
        self,
        key: str,
        do: str,
        id: UUID | None = None,  # noqa: A002 - the field of `Press`
        page: int = 0,
        **facts: str | int,
    ) -> InlineKeyboardButton:
        return button(self.words(key, **facts), do, id, page)

    def named_button(self, label: str, do: str, page: int = 0) -> InlineKeyboardButton:
        """With a name that is nobody's translation."""
        return button(label, do, page=page)

    def link(self, key: str, url: str, **facts: str | int) -> InlineKeyboardButton:
        return link(self.words(key, **facts), url)

    @property
    def model_writes_his_language(self) -> bool:
        writes = self.core.llm.languages
        return writes is None or self.locale in writes

    async def say(self, text: str | Rich, *rows: Row) -> int:
        """A new message; its id."""
        rich = text if isinstance(text, Rich) else Rich(text)
        return await self.outbound.send(self.place, rich, keyboard(self._his(rows)))

    async def show(self, text: str | Rich, *rows: Row) -> int:
        """In place of the message whose button was pressed, or as a new one."""
        rich = text if isinstance(text, Rich) else Rich(text)
        if self.shown and await self.outbound.edit(self.chat_id, self.shown, rich, keyboard(self._his(rows))):
            return self.shown
        return await self.say(rich, *rows)

    async def undo_row(self, subject: UUID, kind: str = "") -> Row:
        """The button under what he has just done to a thing; none when that cannot be taken back."""
        change = await last_change_of(subject, kind)
        return [self.button("button-undo", "undo", change.id)] if change and may_undo(self.actor, change) else []

    def _his(self, rows: Sequence[Row]) -> list[Row]:
        may = self.actor.may
        return [[one for one in row if may(role_for(self.roles, name_of_button(one)))] for row in rows]

    async def assistant(self) -> Assistant:
        """The one he works with: his choice, or else the newest of the business. Raises `NoAssistant`."""
        chosen = (await self.state.get_data()).get(ASSISTANT)
        if chosen:
            try:
                return await assistant_of(self.actor, UUID(chosen))
            except NotFound:
                pass  # deleted meanwhile, perhaps elsewhere
        own = await assistants_of(self.actor)
        if not own:
            raise NoAssistant
        return own[-1]

    async def choose(self, assistant_id: UUID) -> Assistant:
        """Work with this one from now on, and in its business. Raises `NotFound`."""
        self.actor, assistant = await actor_with_assistant(self.user.id, assistant_id)
        await remember_business(self.user.id, self.actor.tenant_id)
        await self.state.update_data({ASSISTANT: str(assistant.id)})
        return assistant

    async def work_in(self, tenant_id: UUID) -> None:
        """In this business from now on. Raises `NotFound`."""
        self.actor = await actor_of(self.user.id, tenant_id)
        await remember_business(self.user.id, tenant_id)

    async def conversation(self, conversation_id: UUID | None) -> Conversation:
        """Customers of all his businesses are told to him; about this one he acts in its business. Raises
        `NotFound`."""
        self.actor, conversation = await actor_with_conversation(self.user.id, conversation_id)
        return conversation

    async def gap(self, gap_id: UUID | None) -> Gap:
        """Questions of all his businesses are told to him each morning; about this one he decides in its business.
        Raises `NotFound`, `RoleNeeded`."""
        self.actor, gap = await actor_with_gap(self.user.id, gap_id)
        await must_be_in_team(self.actor, Role.MANAGER)
        return gap

    async def expect_nothing(self) -> None:
        """Whatever was asked of him is no longer waited for. If he writes to a customer, he does so no more unasked."""
        writes = (await self.state.get_data()).get(TALKING)
        await self.state.set_state(Answering.aside if writes else None)

    async def writes_to(self) -> UUID | None:
        """The conversation that he is in, whatever he looks at meanwhile."""
        chosen = (await self.state.get_data()).get(TALKING)
        return UUID(chosen) if chosen else None
