"""What an assistant is made of at this moment, as one number: while it stays the same, so do the answers.

It also changes with what nobody did: a site that was read anew, another model. Refuses to know what was changed.
"""

import hashlib
import json
from typing import Any

from core.app import Core
from core.models import AdapterTrial, Assistant, Document, PassageEdit, QuarantinedText, VerifiedAnswer

_SETTINGS = ("name", "locale", "persona", "greeting", "generation", "index_model", "live_adapter_id")
_NO_MATTER = ("nightly_check", "sample_questions")
"""Of the rules for answers."""


async def fingerprint_of(core: Core, assistant: Assistant) -> str:
    mine = {"assistant_id": assistant.id}
    parts: dict[str, Any] = {name: getattr(assistant, name) for name in _SETTINGS}
    parts["policy"] = {name: value for name, value in assistant.answer_policy.items() if name not in _NO_MATTER}
    parts["models"] = [core.llm.name, core.embedder.name, core.reranker is not None]
    parts["trial"] = await AdapterTrial.filter(**mine).values_list("adapter_id", flat=True)
    parts["documents"] = await Document.filter(**mine).order_by("id").values_list("id", "content_hash", "status")
    parts["edits"] = await PassageEdit.filter(**mine).order_by("id").values_list("id", "content_hash", "wording")
    parts["texts"] = await QuarantinedText.filter(**mine).order_by("id").values_list("id", "decision")
    answers = VerifiedAnswer.filter(**mine).order_by("id")
    parts["answers"] = await answers.values_list("id", "question", "answer", "wordings")
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
