"""The product's own source, as house tests read it: files, syntax trees, functions."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.subprocesses import ROOT

ROOMS = ("core", "bots", "admin_bot", "api", "workers")


def product_files() -> list[Path]:
    """Every Python file that ships, migrations and tests left out."""
    return [ROOT / "serve.py", *(file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")))]


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def module_of(file: Path) -> str:
    """Its dotted name: core/llm/base.py is core.llm.base, a package's __init__.py is the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of every import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
