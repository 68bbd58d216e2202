"""The very first start: an owner to log in as, and a demo assistant that has really read six documents."""

import asyncio
import secrets
import shutil
from dataclasses import dataclass

from core.accounts import register, set_password
from core.app import Core
from core.assistants import create_assistant
from core.audit import record_change, was_recorded
from core.demo import DEMO_DOCUMENTS
from core.models import Assistant, User
from core.receiving import new_upload, receive_file
from core.tenancy import actor_of

MADE = "make demo"
SHOP = "Copper Kettle"
SHOP_CONTACT = "+353 20 912 0142, hello@copperkettle.example"
SHOP_QUESTIONS = {
    "en": [
        "How long is a gift card valid?",
        "Can I send back tea that I have opened?",
        "Do you have tea without caffeine?",
    ],
    "ru": ["Сколько действует подарочная карта?", "Можно ли вернуть открытый чай?", "У вас есть чай без кофеина?"],
}


@dataclass(frozen=True, slots=True)
class FirstOwner:
    """`password` is None unless it was made just now: it is not stored and cannot be shown again."""

    email: str
    password: str | None


async def ensure_first_owner(core: Core) -> FirstOwner:
    """Make the first owner and his demo assistant once; later starts only follow a changed OWNER_PASSWORD."""
    email = core.settings.owner_email.strip().lower()
    chosen = core.settings.owner_password.get_secret_value() if core.settings.owner_password else None
    user = await User.get_or_none(email=email)
    if user:
        if chosen:
            await set_password(user, chosen)
        await _make_demo(core, user)
        return FirstOwner(email, None)
    password = chosen or secrets.token_urlsafe(12)
    user = await register(email, password, business=SHOP)
    await _make_demo(core, user)
    return FirstOwner(email, None if chosen else password)


async def _make_demo(core: Core, user: User) -> None:
    """Once; a start that was killed in the middle is finished by the next. One that its owner deleted stays deleted."""
    actor = await actor_of(user.id)
    if not core.settings.demo or await was_recorded(actor.tenant_id, MADE):
        return
    begun = await Assistant.get_or_none(tenant_id=actor.tenant_id, name=SHOP)
    assistant = begun or await create_assistant(
        core,
        actor,
        SHOP,
        description="A demo: a fictional shop for tea, kettles and teapots",
        answer_policy={"contact": SHOP_CONTACT, "sample_questions": SHOP_QUESTIONS},
        public_page=True,
    )
    for file in DEMO_DOCUMENTS:
        arrived = new_upload(core)
        await asyncio.to_thread(shutil.copyfile, file, arrived)
        await receive_file(core, assistant, file.name, arrived)
    await record_change(actor.tenant_id, actor.user_id, MADE, assistant.id)
