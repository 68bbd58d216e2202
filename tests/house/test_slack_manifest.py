"""docs/slack-app-*.json are the manifests that the code makes. This module as a program writes them."""

import re
import sys
from pathlib import Path

import pytest

from core.slack.manifest import BOT_SCOPES, LONGEST_NAME, as_file, manifest, new_app_link
from core.slack.workspaces import NEEDED
from core.texts import LOCALES, Texts
from tests.subprocesses import ROOT

ADDRESS = "https://assistant.example.com"
NAME = "My assistant"
ABOUT = Texts().say("en", "slack-app-about")
FILES = {
    "slack-app-http.json": manifest(NAME, ABOUT, ADDRESS),
    "slack-app-socket.json": manifest(NAME, ABOUT),
    "slack-app-installation.json": manifest(NAME, ABOUT, ADDRESS, callback=True),
}


def _file(name: str) -> Path:
    return ROOT / "docs" / name


@pytest.mark.parametrize("name", FILES)
def test_the_manifest_in_the_documentation_is_the_one_that_the_code_makes(name: str) -> None:
    assert _file(name).read_text(encoding="utf-8") == as_file(FILES[name]), (
        "run: python -m tests.house.test_slack_manifest"
    )


def test_the_documentation_names_every_scope_and_every_manifest() -> None:
    page = _file("slack.md").read_text(encoding="utf-8")
    assert {scope for scope in BOT_SCOPES if f"`{scope}`" not in page} == set()
    assert set(re.findall(r"slack-app-[a-z]+\.json", page)) == set(FILES)


def test_nothing_is_needed_that_the_manifest_does_not_ask_for() -> None:
    assert set(NEEDED) <= set(BOT_SCOPES)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("letter", ["Ы", "W"])
def test_the_link_that_makes_an_app_fits_under_a_button(locale: str, letter: str) -> None:
    about = Texts().say(locale, "slack-app-about")
    for address in ("", ADDRESS):
        assert len(new_app_link(manifest(letter * 2 * LONGEST_NAME, about, address))) <= 2_000


if __name__ == "__main__":
    for made in FILES:
        sys.stdout.write(f"{_file(made).write_text(as_file(FILES[made]), encoding='utf-8')} characters\n")
