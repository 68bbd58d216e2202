"""All roles in one process over one Core: what `make run` starts, and all that a small business needs."""

import sys

from admin_bot.role import run as run_admin_bot
from api.role import run as run_api
from bots.role import run as run_bots
from core.app import Core
from core.first_start import ensure_first_owner
from core.process import run_process
from core.settings import Settings
from workers.role import run as run_workers


async def welcome(core: Core) -> None:
    """Prepare the first start and say on the console where to go next."""
    owner = await ensure_first_owner(core)
    settings = core.settings
    lines = ["", f"  LLMChatBot is ready:  {settings.address}", f"  Owner's login:        {owner.email}"]
    if owner.password:
        lines += [
            f"  Password:             {owner.password}",
            "                        (made just now, shown once; OWNER_PASSWORD in .env sets your own)",
        ]
    if settings.admin_bot_token is None:
        lines += [
            "  Admin bot:            not connected. Ask @BotFather in Telegram for a bot, then put its token",
            "                        into the file .env as ADMIN_BOT_TOKEN=123456:ABC... and start again.",
        ]
    lines += ["  Stop:                 Ctrl-C", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    run_process([run_workers, run_api, run_bots, run_admin_bot], Settings(), before=welcome)
