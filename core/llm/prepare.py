"""Once per installation: the bundled GGUF becomes a folder that OpenVINO GenAI runs with adapters.

    python -m core.llm.prepare OUT

A program of its own, so that the memory it needs is given back. Writes the graph with named layers and the
tokenizer as JSON. Refuses to know where OUT is used; needs no torch.
"""

import json
import sys
import tempfile
from pathlib import Path

import openvino as ov
import openvino_genai as genai
from gguf import GGUFReader

from core.llm.bundled import LAYERS, PROJECTIONS, bundled_gguf
from core.llm.gguf_tokenizer import tokenizer_of_gguf
from core.llm.marker import MARKER, wanted_marker


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _graph_of_gguf(gguf: Path) -> "ov.Model":
    """OpenVINO GenAI reads a GGUF and saves its graph beside the file: hence the link in a folder of our own."""
    with tempfile.TemporaryDirectory() as place:
        link = Path(place) / gguf.name
        link.symlink_to(gguf)
        genai.LLMPipeline(str(link), "CPU", enable_save_ov_model=True)
        core = ov.Core()
        core.set_property({"ENABLE_MMAP": False})
        return core.read_model(Path(place) / "openvino_model.xml")


def name_layers(graph: "ov.Model") -> None:
    """Give each weight product the name PyTorch's export would: by it an adapter finds its place.

    The reader leaves them nameless (`MatMul_46`), numbered in the order of creation: the projections of each layer
    in turn, the head last. The shapes are checked, so that another order could not pass unnoticed.
    """
    products = [
        node
        for node in graph.get_ops()
        if node.get_type_name() == "MatMul" and node.input(1).get_partial_shape().is_static
    ]
    products.sort(key=lambda node: int(node.get_friendly_name().split("_")[1]))
    if len(products) != LAYERS * len(PROJECTIONS) + 1:
        raise SystemExit(f"unexpected graph: {len(products)} weight products")
    for n, node in enumerate(products[:-1]):
        layer, which = divmod(n, len(PROJECTIONS))
        name, shape = list(PROJECTIONS.items())[which]
        if tuple(node.input(1).get_shape()) != shape:
            raise SystemExit(f"unexpected graph: {name} of layer {layer} has shape {node.input(1).get_shape()}")
        node.set_friendly_name(f"__module.model.layers.{layer}.{name}/aten::linear/MatMul")


def prepare(out: Path) -> None:
    gguf = bundled_gguf()
    _say(f"reading {gguf.name}")
    graph = _graph_of_gguf(gguf)
    name_layers(graph)
    _say("writing the graph")
    ov.save_model(graph, out / "openvino_model.xml", compress_to_fp16=False)
    _say("writing the tokenizer")
    tokenizer_of_gguf(GGUFReader(gguf)).save(str(out / "tokenizer.json"), pretty=False)
    (out / MARKER).write_text(json.dumps(wanted_marker(), indent=1))


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
