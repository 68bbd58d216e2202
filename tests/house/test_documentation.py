"""What the documentation names is there: files of the house, and buttons as owners see them."""

import re
from pathlib import Path

import pytest

from core.texts import FOLDER, LOCALES
from tests.subprocesses import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BUTTON = re.compile(r"^button-[a-z-]+ = ([^{}\n]+?)(?:: \{ \$count \})?$", re.MULTILINE)
NO_BUTTONS = {"@BotFather", "Scans", "Scans.", "Сканы", "Сканы."}
"""What else stands in bold type in the first steps."""


def _python_files_named_in(page: Path) -> set[str]:
    named = re.findall(r"`([\w./]+\.py)\b[^`\n]*`", page.read_text(encoding="utf-8"))
    return {name for name in named if "/" in name}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_the_documentation_names_exists(page: Path) -> None:
    assert {name for name in _python_files_named_in(page) if not (ROOT / name).exists()} == set()


def test_the_files_that_the_documentation_names_are_seen() -> None:
    assert "core/telegram/polling.py" in _python_files_named_in(ROOT / "docs" / "architecture.md")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_button_in_the_first_steps_is_one_of_the_admin_bots(locale: str) -> None:
    labels = set(BUTTON.findall((FOLDER / f"{locale}.ftl").read_text(encoding="utf-8")))
    page = (ROOT / "docs" / f"getting-started.{locale}.md").read_text(encoding="utf-8")
    bold = set(re.findall(r"\*\*([^*\n]+)\*\*", page)) - NO_BUTTONS

    assert len(bold) >= 6
    assert bold - labels == set()
