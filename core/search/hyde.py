"""HyDE: search with an answer that the model imagines, beside the question (HYDE=true).

Gao et al., "Precise Zero-Shot Dense Retrieval without Relevance Labels" (2022): an imagined answer, though it may be
wrong, stands nearer to the passage that answers than the question does. The model's words are embedded and thrown
away; nobody reads them. Whatever goes wrong, the question alone is searched.
"""

import asyncio
import logging
from contextlib import aclosing
from uuid import UUID

import numpy as np

from core.app import Core
from core.embeddings.base import Embedder, Vectors
from core.errors import ProductError
from core.llm.base import Sampling, Turn
from core.models import Assistant
from core.prompts import as_line, prompt
from core.words import language_of

log = logging.getLogger(__name__)
LIMIT_S = 4.0
SHORTEST = 20
_SAMPLING = Sampling(max_tokens=60)


async def imagined_vector(
    core: Core, embedder: Embedder, assistant_id: UUID, question: str, vector: Vectors
) -> Vectors | None:
    """Between the question's vector and an imagined answer's, length 1; None: search with the question alone."""
    if core.llm.languages is not None and language_of(question) not in core.llm.languages:
        return None
    try:
        async with asyncio.timeout(LIMIT_S):
            answer = await _imagine(core, assistant_id, question)
            if len(answer) < SHORTEST:
                return None
            (imagined,) = await embedder.embed_passages([answer])
    except (ProductError, TimeoutError) as error:
        log.warning("no imagined answer for assistant %s: %s", assistant_id, error or "too late")
        return None
    between: Vectors = vector + imagined
    return between / np.linalg.norm(between)


async def _imagine(core: Core, assistant_id: UUID, question: str) -> str:
    text = prompt("hyde-user", language_of(question)).substitute(question=as_line(question))
    tenant_id = await Assistant.filter(id=assistant_id).first().values_list("tenant_id", flat=True)
    pieces = core.llm.stream([Turn("user", text)], _SAMPLING, scope=f"{tenant_id}:{assistant_id}:base")
    async with aclosing(pieces) as stream:
        return "".join([piece async for piece in stream]).strip()
