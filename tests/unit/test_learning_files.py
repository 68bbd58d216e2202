"""What an owner's files teach: chats, tables, JSON lines; and what broken ones get, in bounded time."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.learning.exchanges import MOST_EXCHANGES, ExamplesUnreadable, Found, read_exchanges
from core.learning.files import read_file

OLGA, ANN = "user1", "user2"


def _message(number: int, who: str, text: Any, minute: int, **more: Any) -> dict[str, Any]:
    names = {OLGA: "Olga", ANN: "Ann Smith"}
    at = 1_700_000_000 + 60 * minute
    return {
        "id": number,
        "type": "message",
        "date_unixtime": str(at),
        "from": names[who],
        "from_id": who,
        "text": text,
    } | more


def _chat(tmp_path: Path, *messages: dict[str, Any], account: bool = False) -> Path:
    chat = {"name": "Ann", "type": "personal_chat", "id": 1, "messages": list(messages)}
    whole = {"about": "…", "chats": {"list": [chat]}} if account else chat
    file = tmp_path / "result.json"
    file.write_text(json.dumps(whole), "utf-8")
    return file


def _pairs(found: Found) -> list[tuple[str, str]]:
    return [(one.question, one.answer) for one in found.exchanges]


def test_a_chat_first_tells_who_is_in_it(tmp_path: Path) -> None:
    file = _chat(tmp_path, _message(1, ANN, "Hi!", 0), _message(2, OLGA, "Hello.", 1), _message(3, ANN, "Open?", 2))
    found = read_exchanges(file, file.name)

    assert found.exchanges == []
    assert [(one.id, one.name, one.messages) for one in found.speakers] == [(ANN, "Ann Smith", 2), (OLGA, "Olga", 1)]


@pytest.mark.parametrize("account", [False, True])
def test_turns_of_a_chat_become_questions_and_answers(tmp_path: Path, account: bool) -> None:
    rich = ["Look at ", {"type": "link", "text": "our.shop"}, ", it is there."]
    file = _chat(
        tmp_path,
        _message(1, ANN, "Good morning!", 0),
        _message(2, ANN, "Are you open on Sunday?", 1),
        _message(3, OLGA, "We are not.", 2),
        _message(4, OLGA, "Come on Monday, dear.", 3),
        {"id": 5, "type": "service", "action": "phone_call", "date_unixtime": "1700000200"},
        _message(6, ANN, "Where is the price list?", 10),
        _message(7, OLGA, rich, 11),
        account=account,
    )
    found = read_exchanges(file, file.name, OLGA)

    assert _pairs(found) == [
        ("Good morning! Are you open on Sunday?", "We are not. Come on Monday, dear."),
        ("Where is the price list?", "Look at our.shop, it is there."),
    ]
    assert {one.group for one in found.exchanges} == {"chat 0 2023-11-14"}
    assert found.exchanges[0].names == ("Ann Smith",)


def test_what_answers_nothing_in_a_chat_is_left_out(tmp_path: Path) -> None:
    file = _chat(
        tmp_path,
        _message(1, OLGA, "Hello everybody!", 0),
        _message(2, ANN, "How much is a kettle?", 1),
        _message(3, ANN, "And a cup?", 2),
        _message(4, OLGA, "A kettle is forty.", 3, reply_to_message_id=2),
        _message(5, ANN, "Thanks, and the cup?", 30),
        _message(6, OLGA, "Sorry, I was ill. Twelve.", 30 + 60 * 30),
        _message(7, ANN, "Never mind.", 30 + 60 * 31),
        _message(8, OLGA, "See this", 30 + 60 * 32, forwarded_from="News"),
        _message(9, OLGA, {"type": "link", "text": "x"}, 30 + 60 * 33),
        _message(10, OLGA, "", 30 + 60 * 34, photo="p.jpg"),
    )
    assert _pairs(read_exchanges(file, file.name, OLGA)) == [("How much is a kettle?", "A kettle is forty.")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "question,answer,rating\nOpen?,\"Yes, dear.\",good\nClosed?,No.,bad\nHm?,Well.,\n"),
        ("a.csv", "Вопрос;Ответ;Оценка\nOpen?;Yes, dear.;1\nClosed?;No.;0\nHm?;Well.;\n"),
        ("a.tsv", "prompt\tcompletion\tlabel\nOpen?\tYes, dear.\tlike\nClosed?\tNo.\tdislike\nHm?\tWell.\t\n"),
        ("a.jsonl", '{"question": "Open?", "answer": "Yes, dear.", "liked": true}\n{"prompt": "Closed?", "response": '
         '"No.", "swipe": "left"}\n{"input": "Hm?", "output": "Well."}\n'),
        ("a.json", '[{"question": "Open?", "answer": "Yes, dear.", "score": 1}, {"question": "Closed?", "answer": '
         '"No.", "score": -1}, {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "Hm?"}, '
         '{"role": "assistant", "content": "Well."}]}]'),
    ],
)  # fmt: skip
def test_tables_and_lines_with_the_owners_own_word_about_each(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    found = read_exchanges(file, name)

    assert _pairs(found) == [("Open?", "Yes, dear."), ("Closed?", "No."), ("Hm?", "Well.")]
    assert [one.liked for one in found.exchanges] == [True, False, None]


def test_two_columns_need_no_names(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Open?;Yes, dear.\nClosed?;No.\nHm?;Well.\n", "utf-8")
    assert _pairs(read_exchanges(file, file.name))[0] == ("Open?", "Yes, dear.")


def test_a_line_that_cannot_be_used_costs_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    lines = ['{"question": "Open?", "answer": "Yes."}', "{broken", '{"question": "", "answer": "x"}', '["a"]']
    lines += ['{"question": "Long?", "answer": "' + "x" * 3000 + '"}', '{"question": "' + "y" * 1_500_000 + '"}']
    file.write_text("\n".join(lines), "utf-8")
    found = read_exchanges(file, file.name)

    assert _pairs(found) == [("Open?", "Yes.")]
    assert found.left_out == {"broken": 3, "blank": 1, "long": 1}


async def test_the_newest_of_very_many_are_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = "\n".join(f"What does cup {number} cost?;It costs {number} euros." for number in range(100_000))
    file.write_text(f"question;answer\n{rows}\n", "utf-8")
    found = await read_file(file, file.name)

    assert len(found.exchanges) == MOST_EXCHANGES
    assert found.exchanges[-1].answer == "It costs 99999 euros."
    assert found.left_out == {"earlier": 100_000 - MOST_EXCHANGES}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", b"", "no-pairs"),
        ("a.json", b'{"a": ' * 50_000, "broken"),
        ("result.json", b'{"name": "x", "type": "personal_chat", "messages": []}', "no-pairs"),
        ("a.jsonl", b"{not json\n{neither\n", "broken"),
        ("a.json", b'{"hello": "world"}', "nothing-usable"),
        ("a.csv", b"a,b,c\n1,2,3\n4,5,6\n", "columns"),
        ("a.txt", b"Just a letter to a friend.\nWith two lines.\n", "unknown"),
        ("a.csv", bytes(range(256)) * 64, "no-text"),
        ("a.csv", b"question,answer\n" + b"x" * 50_000_000, "unknown"),
        ("a.jsonl", b'{"question": "' + b"x" * 50_000_000 + b'", "answer": "y"}', "nothing-usable"),
        ("a.json", b" " * (65 * 1024 * 1024), "too-large"),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_a_file_that_teaches_nothing_gets_a_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ExamplesUnreadable) as refusal:
        await read_file(file, name)
    assert refusal.value.facts == {"reason": reason}
