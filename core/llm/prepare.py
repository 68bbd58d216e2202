"""Once per installation: a GGUF file, or an OpenVINO folder, becomes a folder that OpenVINO GenAI runs with adapters.

    python -m core.llm.prepare SOURCE OUT

A program of its own, so that the memory it needs is given back. Writes the graph with named layers, another with room
for adapters, the tokenizer as JSON and what serving must know. Refuses to know where OUT is used; needs no torch.
"""

import json
import sys
import tempfile
from pathlib import Path

import openvino as ov
import openvino_genai as genai
from tokenizers import Tokenizer

from core.llm.gguf_facts import facts_of_gguf, open_gguf
from core.llm.gguf_tokenizer import tokenizer_of_gguf
from core.llm.layers import make_room_for_adapters, name_layers
from core.llm.marker import MARKER, WITH_ADAPTERS, wanted_marker
from core.llm.model_facts import ModelFacts, ModelUnfit
from core.llm.openvino_facts import facts_of_openvino, tokenizer_of_openvino

GRAPH = "openvino_model.xml"


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _read(source: Path) -> tuple[ModelFacts, Tokenizer, "ov.Model"]:
    _say(f"reading {source.name}")
    if source.is_dir():
        return facts_of_openvino(source), tokenizer_of_openvino(source), _graph_of_file(source / GRAPH)
    reader = open_gguf(source)
    facts, tokenizer = facts_of_gguf(source, reader), tokenizer_of_gguf(reader)
    graph = _graph_of_gguf(source)
    name_layers(graph, facts)
    return facts, tokenizer, graph


def _graph_of_gguf(gguf: Path) -> "ov.Model":
    """OpenVINO GenAI reads a GGUF and saves its graph beside the file: hence the link in a folder of our own."""
    with tempfile.TemporaryDirectory() as place:
        link = Path(place) / gguf.name
        link.symlink_to(gguf)
        try:
            genai.LLMPipeline(str(link), "CPU", enable_save_ov_model=True)
        except RuntimeError as wrong:
            raise ModelUnfit(f"{gguf.name} cannot be made a graph: {_said(wrong)}") from wrong
        return _graph_of_file(Path(place) / GRAPH)


def _graph_of_file(file: Path) -> "ov.Model":
    core = ov.Core()
    core.set_property({"ENABLE_MMAP": False})
    try:
        return core.read_model(file)
    except RuntimeError as wrong:
        raise ModelUnfit(f"{file.name} cannot be read: {_said(wrong)}") from wrong


def _said(wrong: RuntimeError) -> str:
    """OpenVINO's own words, without the places in its source that stand before them."""
    return " ".join(str(wrong).split()).rpartition(".cpp:")[2].partition(": ")[2][-160:] or "no reason given"


def prepare(source: Path, out: Path) -> None:
    """Raises `ModelUnfit`."""
    facts, tokenizer, graph = _read(source)
    _say("writing the graph")
    ov.save_model(graph, out / GRAPH, compress_to_fp16=False)
    _say("writing the graph for adapters")
    make_room_for_adapters(graph)
    ov.save_model(graph, out / WITH_ADAPTERS / GRAPH, compress_to_fp16=False)
    _say("writing the tokenizer")
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    facts.save(out)
    (out / MARKER).write_text(json.dumps(wanted_marker(source), indent=1))


if __name__ == "__main__":
    try:
        prepare(Path(sys.argv[1]), Path(sys.argv[2]))
    except ModelUnfit as unfit:
        raise SystemExit(str(unfit)) from None
