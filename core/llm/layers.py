"""The weight products of a graph that OpenVINO GenAI made of a GGUF: their names, and room for adapters beside them.

Refuses to know files and folders: core/llm/prepare.py reads and writes them.
"""

from collections import defaultdict

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from core.llm.model_facts import ModelFacts, ModelUnfit

NAME = "__module.model.layers.{layer}.{projection}/aten::linear/MatMul"


def name_layers(graph: "ov.Model", facts: ModelFacts) -> None:
    """Give each weight product the name PyTorch's export would: by it an adapter finds its place.

    The reader leaves them nameless (`MatMul_46`), numbered in the order of creation: the projections of each layer
    in turn, the head last. The shapes are checked, so that another order could not pass unnoticed. Raises `ModelUnfit`.
    """
    products = [
        node
        for node in graph.get_ops()
        if node.get_type_name() == "MatMul" and node.input(1).get_partial_shape().is_static
    ]
    products.sort(key=lambda node: int(node.get_friendly_name().split("_")[1]))
    projections = list(facts.projections.items())
    if len(products) != facts.layers * len(projections) + 1:
        raise ModelUnfit(f"its graph has {len(products)} weight products, which is not what its family has")
    for n, node in enumerate(products[:-1]):
        layer, which = divmod(n, len(projections))
        name, shape = projections[which]
        if tuple(node.input(1).get_shape()) != shape:
            raise ModelUnfit(f"{name} of layer {layer} has the shape {node.input(1).get_shape()}")
        node.set_friendly_name(NAME.format(layer=layer, projection=name))


def make_room_for_adapters(graph: "ov.Model") -> None:
    """Let adapters run as ordinary products, which is faster than what OpenVINO makes of them by itself.

    The CPU plugin puts an adapter's two products into a graph inside the graph when they read the very output that the
    layer's own product reads (LoraSubgraphFusion), and each of those costs much more than its products. GenAI hangs
    the adapter on the first output of the node that feeds a layer. So where several layers read the same values (query,
    key and value; gate and up), the values are written twice: the first copy is the adapters', the second the layers'.
    Both are equal, so whatever a later version reads is right.
    """
    readers = defaultdict(list)
    for node in graph.get_ops():
        if node.get_friendly_name().startswith("__module.model.layers."):
            source = node.input(0).get_source_output()
            readers[source.get_node().get_friendly_name(), source.get_index()].append(node.input(0))
    for inputs in readers.values():
        if len(inputs) > 1:
            values = inputs[0].get_source_output()
            copies = ops.split(ops.concat([values, values], 0), ops.constant(np.int64(0)), 2)
            for one in inputs:
                one.replace_source_output(copies.output(1))
    graph.validate_nodes_and_infer_types()
