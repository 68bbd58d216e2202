"""What a model or an owner has written looks the same in Slack, and fits, whatever stands in it."""

import pytest

from core.slack.formatting import (
    LONGEST_MESSAGE,
    LONGEST_SECTION,
    MOST_BLOCKS,
    Part,
    from_markdown,
    messages_of,
    split,
    text_of,
    verbatim,
    words,
)
from core.slack.mrkdwn import link


def _shown(markdown: str) -> str:
    return "\n\n".join(text_of(block) for block in from_markdown(markdown))


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("Some **bold**, *slanted* and ~~gone~~ words", "Some *bold*, _slanted_ and ~gone~ words"),
        ("# A **big** heading\n\nbelow", "*A big heading*\n\nbelow"),
        ("- one\n- two\n  - inside\n- three", "• one\n• two\n    • inside\n• three"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("> a\n> b", "> a\n> b"),
        ("[our page](https://a.example/?x=1&y=2)", "<https://a.example/?x=1&amp;y=2|our page>"),
        ("[a trap](ftp://a.example/x)", "a trap"),
        ("`x < y`", "`x &lt; y`"),
        ("```py\nif a < b & c:\n    pass\n```", "```\nif a &lt; b &amp; c:\n    pass\n```"),
        ("| a | bb |\n|---|---|\n| 1 | **2** |", "```\na  bb\n-  --\n1  2\n```"),
        ("10*12*15 cm, snake_case_name", "10*12*15 cm, snake_case_name"),
        ("one  \ntwo\nthree", "one\ntwo\nthree"),
    ],
)
def test_markdown_becomes_what_slack_shows_the_same_way(markdown: str, shown: str) -> None:
    assert _shown(markdown) == shown


@pytest.mark.parametrize(
    "trap", ["<@U0123>", "<!channel>", "<!here|x>", "<https://evil.example|our page>", "a & b < c"]
)
def test_what_would_call_people_or_hide_an_address_stays_characters(trap: str) -> None:
    for text in (_shown(trap), words(trap)[0].text):
        assert "<" not in text
        assert text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == trap


def test_an_address_cannot_end_its_link_early() -> None:
    assert link("a|b > c", "https://a.example/x|y>z<w q") == "<https://a.example/x%7Cy%3Ez%3Cw%20q|a|b &gt; c>"


def test_an_owners_words_stay_as_they_are_and_his_addresses_open() -> None:
    [block] = verbatim("Take *two*, see https://a.example/b_c_(d), ok.")
    elements = block["elements"][0]["elements"]
    assert [one["type"] for one in elements] == ["text", "link", "text"]
    assert elements[1]["url"] == "https://a.example/b_c_(d"
    assert elements[0]["text"] == "Take *two*, see "


@pytest.mark.parametrize(
    "markdown",
    [
        "\n\n".join(f"Paragraph {n}. " + "Tea is **stored** dry & dark. " * 30 for n in range(60)),
        " ".join(f"**w{n}** & [page {n}](https://a.example/{n}) is read." for n in range(900)),
        "\n".join(f"- item {n} with `code`" for n in range(1500)),
        "&" * 30_000,
        "```\n" + "\n".join(f"line {n} <&>" for n in range(2000)) + "\n```",
        "x" * 10_000,
        "\n\n".join("short" for _ in range(400)),
    ],
)
def test_however_long_it_is_slack_takes_every_part_and_nothing_is_lost(markdown: str) -> None:
    parts = messages_of(from_markdown(markdown))
    for part in parts:
        assert len(part.text) <= LONGEST_MESSAGE
        assert len(part.blocks) <= MOST_BLOCKS - 2
        assert all(0 < len(text_of(block)) <= LONGEST_SECTION for block in part.blocks)
        assert all(text_of(block).count("```") % 2 == 0 for block in part.blocks), "no code is left open"
        assert all(text_of(block).count("*") % 2 == 0 for block in part.blocks), "no emphasis is left open"
        assert all(text_of(block).count("<") == text_of(block).count(">") for block in part.blocks)
    together = " ".join(part.text for part in parts)
    for word in ("Paragraph 59", "w899", "page 899", "item 1499", "line 1999"):
        assert (word in markdown) == (word in together)


def test_code_is_kept_whole_where_it_fits() -> None:
    code = "```\n" + "\n".join(f"step {n}" for n in range(100)) + "\n```"
    blocks = from_markdown("words " * 480 + "\n\n" + code + "\n\nthe end")
    assert [text_of(block).startswith("```") for block in blocks] == [False, True]
    assert "step 0" in text_of(blocks[1])
    assert "step 99" in text_of(blocks[1])


def test_words_are_cut_between_paragraphs_before_lines_before_sentences() -> None:
    assert split("aaaa aaaa\n\nbbbb bbbb cccc", 16) == ["aaaa aaaa", "bbbb bbbb cccc"]
    assert split("aaaa aaaa. bbbb bbbb", 16) == ["aaaa aaaa.", "bbbb bbbb"]
    assert split("   ", 16) == []


def test_a_part_comes_back_from_its_record_as_it_was() -> None:
    part = words("a < b")[0]
    assert Part.from_record(part.record()) == part
