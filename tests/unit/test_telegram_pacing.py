"""Turns to speak: within Telegram's limits, and after its refusals exactly when it said."""

import asyncio

from core.telegram.pacing import Pace, Pacer


async def _turns(pacer: Pacer, chats: list[int]) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pacer.turn(chat) for chat in chats))
    return loop.time() - began


async def test_a_chat_gets_a_short_burst_and_then_its_pace() -> None:
    assert await _turns(Pacer(Pace(chat=0.1, burst=3)), [1, 1, 1]) < 5
    assert await _turns(Pacer(Pace(chat=20.0, burst=3)), [1] * 7) >= 0.19


async def test_all_chats_together_keep_the_bots_pace() -> None:
    assert await _turns(Pacer(Pace(bot=50.0)), list(range(1, 12))) >= 0.19


async def test_a_group_is_paced_more_slowly() -> None:
    pacer = Pacer(Pace(chat=100.0, group=10.0, burst=1))
    assert await _turns(pacer, [-1, -1, -1]) >= 0.19


async def test_one_refused_chat_does_not_hold_back_the_others() -> None:
    pacer = Pacer(Pace())
    pacer.hold(1, 60)
    assert await _turns(pacer, [2, 3]) < 30
    assert pacer.held_for(1) > 30


async def test_a_second_refused_chat_means_that_the_whole_bot_is_refused() -> None:
    pacer = Pacer(Pace())
    pacer.hold(1, 5)
    pacer.hold(2, 0.3)
    assert await _turns(pacer, [3]) >= 0.29


def test_no_minute_of_a_group_and_no_second_of_a_bot_has_more_than_telegram_takes() -> None:
    of_group, of_bot = Pacer(Pace()), Pacer(Pace())
    group = sorted(of_group._reserve(-1, 0.0) for _ in range(100))
    bot = sorted(of_bot._reserve(chat, 0.0) for chat in range(1, 100))

    assert max(sum(start <= at < start + 60 for at in group) for start in group) == 20
    assert max(sum(start <= at < start + 0.999 for at in bot) for start in bot) == 30
