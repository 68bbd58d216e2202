"""docs/settings.md lists every setting as the code has it. This module as a program writes that page."""

import sys
from pathlib import Path
from typing import get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from core.settings import Settings
from tests.subprocesses import ROOT

FILE = ROOT / "docs" / "settings.md"
HEAD = """# Settings

Set them in the environment or in a file `.env` beside `serve.py`. Unset means the embedded default: one process,
SQLite, Milvus Lite, the queue inside the process and the bundled models.

| Name | Default | What it is |
|---|---|---|
"""


def table() -> str:
    """The page, made from `core/settings.py`."""
    return HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    secret = SecretStr in get_args(field.annotation)
    default = "" if field.default in (None, "") or secret else f"`{_shown(field.default)}`"
    return f"| `{name.upper()}` | {default} | {field.description} |\n"


def _shown(value: object) -> str:
    return f"./{value}" if isinstance(value, Path) else str(value).lower() if isinstance(value, bool) else str(value)


def test_the_page_of_settings_lists_every_setting_as_the_code_has_it() -> None:
    assert FILE.read_text(encoding="utf-8") == table(), "run: python -m tests.house.test_settings_documented"


def test_the_example_file_names_only_settings_that_exist() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    names = {
        line.lstrip("# ").partition("=")[0]
        for line in lines
        if "=" in line and " " not in line.partition("=")[0].lstrip("# ")
    }

    assert names <= {name.upper() for name in Settings.model_fields}


if __name__ == "__main__":
    sys.stdout.write(f"{FILE.write_text(table(), encoding='utf-8')} characters\n")
