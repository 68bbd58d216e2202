"""A byte-level tokenizer out of a GGUF file. For preparation and training only: serving reads the JSON made from it.

Markers are left out on purpose: so no text, whoever wrote it, can ever become one.
"""

from collections.abc import Sequence

from gguf import GGUFReader
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

from core.llm.model_facts import ModelUnfit

_LETTERS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_ENDINGS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
WORDS = {
    "llama-bpe": rf"{_ENDINGS}|{_LETTERS}|\p{{N}}{{1,3}}|{_REST}",
    "qwen2": rf"{_ENDINGS}|{_LETTERS}|\p{{N}}|{_REST}",
}
"""How text is cut before it is merged, by the name in the file (llama.cpp's src/llama-vocab.cpp has the same)."""


def build_tokenizer(tokens: Sequence[str], merges: Sequence[str], words: str = "smollm") -> Tokenizer:
    """From the lists of a GGUF file: byte-level BPE. Raises `ModelUnfit` for a way of cutting words not known here."""
    vocabulary = {token: n for n, token in enumerate(tokens)}
    pairs = [(left, right) for left, right in (merge.split(" ") for merge in merges)]
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs))
    if words == "smollm":
        digits = pre_tokenizers.Digits(individual_digits=True)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    elif words in WORDS:
        cutting = pre_tokenizers.Split(Regex(WORDS[words]), "isolated")
        whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([cutting, whole])
    else:
        raise ModelUnfit(f"its tokenizer is of the kind {words!r}, and only smollm, {', '.join(WORDS)} are known here")
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def tokenizer_of_gguf(file: GGUFReader) -> Tokenizer:
    """From the lists in the file's metadata. Raises `ModelUnfit`."""
    said = {name: field.contents() for name, field in file.fields.items() if name.startswith("tokenizer.ggml.")}
    if said.get("tokenizer.ggml.model") != "gpt2" or "tokenizer.ggml.merges" not in said:
        raise ModelUnfit("its tokenizer is not of the byte-level kind, the only one that can be read here")
    lists = said["tokenizer.ggml.tokens"], said["tokenizer.ggml.merges"]
    return build_tokenizer(*lists, str(said.get("tokenizer.ggml.pre", "")))
