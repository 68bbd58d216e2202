"""SmolLM2's tokenizer out of a GGUF file. For preparation and training only: serving reads the JSON made from it.

Markers are left out on purpose: so no text, whoever wrote it, can ever become one.
"""

from collections.abc import Sequence

from gguf import GGUFReader
from tokenizers import Tokenizer, decoders, models, pre_tokenizers


def build_tokenizer(tokens: Sequence[str], merges: Sequence[str]) -> Tokenizer:
    """SmolLM2's tokenizer from the lists of a GGUF file: byte-level BPE, every digit a token of its own."""
    vocabulary = {token: n for n, token in enumerate(tokens)}
    pairs = [(left, right) for left, right in (merge.split(" ") for merge in merges)]
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def tokenizer_of_gguf(file: GGUFReader) -> Tokenizer:
    """From the two lists in the file's metadata."""
    fields = file.fields
    return build_tokenizer(fields["tokenizer.ggml.tokens"].contents(), fields["tokenizer.ggml.merges"].contents())
