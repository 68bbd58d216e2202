"""Businesses with a bot each, for processes that are started beside: `python shops.py TOKEN…`, settings as always.

Each knows one answer of its own. Prints a channel's id for every token.
"""

import asyncio
import sys

from core.accounts import user_of_telegram
from core.app import open_core
from core.assistants import create_assistant
from core.channels import connect_telegram
from core.settings import Settings
from core.tenancy import actor_of
from core.verified import add_verified_answer


async def main(tokens: list[str]) -> None:
    async with open_core(Settings(_env_file=None)) as core:
        for number, token in enumerate(tokens):
            user = await user_of_telegram(number + 1, f"Shop {number}", "en")
            actor = await actor_of(user.id)
            shop = await create_assistant(core, actor, f"Shop {number}", greeting=f"Welcome to shop {number}!")
            await add_verified_answer(core, shop, "Where is the shop?", f"At {number} Mill Lane.")
            channel = await connect_telegram(core, actor, shop, token)
            sys.stdout.write(f"{channel.id}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
