"""llama.cpp's own OpenAI-compatible server, by the package xllamacpp, in a process of its own.

    python -m tests.llama_cpp GGUF SETTINGS

Refuses to know who asks it: a contract suite does, and a bench that compares engines.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.subprocesses import ROOT, clean_environment

START_S = 60.0


@dataclass(frozen=True, slots=True)
class Serving:
    """`context_tokens` is for each of `at_once` requests. An `adapter` (GGUF) is used where a request asks for it."""

    threads: int = 2
    at_once: int = 8
    context_tokens: int = 2048
    adapter: str = ""


@asynccontextmanager
async def llama_cpp(gguf: Path, serving: Serving | None = None) -> AsyncIterator[str]:
    """The server's address, without /v1. Waiting threads sleep (OMP_WAIT_POLICY): where cores are shared they would
    otherwise burn the time that the working ones need."""
    command = sys.executable, "-m", "tests.llama_cpp", str(gguf), json.dumps(asdict(serving or Serving()))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=clean_environment(OMP_WAIT_POLICY="PASSIVE"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout
    try:
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        assert line, "llama.cpp's server did not start"
        yield line.decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def main(gguf: str, serving: Serving) -> None:
    """Its best settings on a CPU: flash attention, as many threads as cores, batches as they are by default."""
    import xllamacpp  # not at the top: only this process loads it

    params = xllamacpp.CommonParams()
    params.model.path = gguf
    params.n_parallel = serving.at_once
    params.n_ctx = serving.context_tokens * serving.at_once
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = serving.threads
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
    params.cache_ram_mib = 0
    params.verbosity = 0
    if serving.adapter:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(serving.adapter, 1.0)]
        params.lora_init_without_apply = True
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()  # until the parent is gone


if __name__ == "__main__":
    main(sys.argv[1], Serving(**json.loads(sys.argv[2])))
