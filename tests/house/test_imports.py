"""Imports run one way, and the embedded process stays light."""

import asyncio
import os
import sys

from tests.house.source import imports_of, module_of, named, product_files, tree_of
from tests.subprocesses import ROOT, run_python

_IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted({"torch", "transformers", "peft", "sentence_transformers", "llama_cpp"} & set(sys.modules)))
"""
# Backends that a person chooses by a setting, and programs that run in a process of their own.
_MAY_USE_TORCH = (
    "core.embeddings.sentence_transformers",
    "core.embeddings.hugging_face",
    "core.llm.transformers_",
    "workers.lora",
)


async def test_rooms_import_only_core_and_only_the_composition_root_imports_backends() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])",
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},  # noqa: TID251 - the child's
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()


def test_nobody_imports_the_program_that_joins_all_rooms() -> None:
    guilty = [
        f"{named(file)}:{line}"
        for file in product_files()
        for name, line in imports_of(tree_of(file))
        if name.split(".")[0] in {"serve", "tests", "migrations"}
    ]

    assert guilty == []


async def test_the_embedded_process_never_loads_torch() -> None:
    names = [module_of(file) for file in product_files() if not module_of(file).startswith(_MAY_USE_TORCH)]
    programs = {name for name in names if name.endswith("__main__")}
    loaded = await run_python(_IMPORT_ALL, *(name for name in names if name not in programs))

    assert loaded.strip() == ""
