"""Who generates together (core/llm/rounds.py)."""

from core.llm.rounds import Rounds


def _numbers(rounds: Rounds[str]) -> list[int]:
    return [number for number, _ in rounds.admit()]


def test_only_requests_of_one_adapter_run_together() -> None:
    rounds: Rounds[str] = Rounds(8)
    for number, key in enumerate(["a", "b", "a", None, "b"]):
        rounds.wait(number, key, "")
    assert (_numbers(rounds), rounds.key) == ([0, 2], "a")
    assert _numbers(rounds) == [], "others wait for the round to end"
    rounds.finish()
    assert _numbers(rounds) == []
    rounds.finish()
    assert (_numbers(rounds), rounds.key) == ([1, 4], "b")


def test_a_request_joins_the_running_round_only_while_nobody_of_another_adapter_waits() -> None:
    rounds: Rounds[str] = Rounds(8)
    rounds.wait(1, "a", "")
    assert _numbers(rounds) == [1]
    rounds.wait(2, "a", "")
    assert _numbers(rounds) == [2]
    rounds.wait(3, "b", "")
    rounds.wait(4, "a", "")
    assert _numbers(rounds) == []
    rounds.finish()
    rounds.finish()
    assert (_numbers(rounds), rounds.key) == ([3], "b")
    rounds.finish()
    assert (_numbers(rounds), rounds.key) == ([4], "a")


def test_a_crowd_behind_one_adapter_does_not_keep_the_others_out() -> None:
    rounds: Rounds[str] = Rounds(2)
    for number in range(5):
        rounds.wait(number, "crowd", "")
    rounds.wait(9, "quiet", "")
    assert _numbers(rounds) == [0, 1]
    rounds.finish()
    rounds.finish()
    assert (_numbers(rounds), rounds.key) == ([9], "quiet")
    rounds.finish()
    assert _numbers(rounds) == [2, 3]


def test_one_who_leaves_the_queue_is_never_admitted() -> None:
    rounds: Rounds[str] = Rounds(2)
    rounds.wait(1, "a", "")
    rounds.leave(1)
    rounds.leave(7)
    assert rounds.is_empty
    assert _numbers(rounds) == []
