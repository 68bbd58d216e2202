"""The house stays readable: short files, short functions, and one path that a newcomer reads in a sitting."""

import re

import pytest

from tests.house.source import functions_of, named, product_files, tree_of
from tests.subprocesses import ROOT

LINES_A_FILE = 300
LINES_A_FUNCTION = 60
LINES_OF_THE_PATH = 900
LONG_FILES: dict[str, int] = {}
"""File -> lines it may have, with the reason beside it."""

PATH = (
    "core/messages.py",
    "bots/registry.py",
    "bots/telegram/customer.py",
    "core/dialog.py",
    "core/retrieval.py",
    "core/app.py",
)


def _lines(file: str) -> int:
    return len((ROOT / file).read_text(encoding="utf-8").splitlines())


def test_a_customers_message_is_six_short_files() -> None:
    assert sum(_lines(file) for file in PATH) < LINES_OF_THE_PATH


def test_the_readme_names_the_six_files_in_their_order() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    places = [readme.find(file) for file in PATH]

    assert -1 not in places, f"README.md does not name {[file for file in PATH if file not in readme]}"
    assert places == sorted(places)


def test_no_file_grows_beyond_a_screenful_of_screens() -> None:
    allowed = {named(file): LONG_FILES.get(named(file), LINES_A_FILE) for file in product_files()}

    assert {name: _lines(name) for name, most in allowed.items() if _lines(name) > most} == {}


def test_no_function_is_longer_than_a_page() -> None:
    long = {
        f"{named(file)}:{function.name}": function.end_lineno - function.lineno + 1
        for file in product_files()
        for function in functions_of(tree_of(file))
        if function.end_lineno and function.end_lineno - function.lineno + 1 > LINES_A_FUNCTION
    }

    assert long == {}


def test_every_module_says_what_it_is() -> None:
    import ast

    silent = [
        named(file)
        for file in product_files()
        if file.name not in {"__init__.py"} and not ast.get_docstring(tree_of(file))
    ]

    assert silent == []


@pytest.mark.parametrize("word", ["utils", "common", "helpers", "managers", "misc"])
def test_no_module_is_a_drawer_for_odds_and_ends(word: str) -> None:
    pattern = re.compile(rf"(^|[_/.]){word}?([_/.]|$)")

    assert [named(file) for file in product_files() if pattern.search(named(file))] == []
