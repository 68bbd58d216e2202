"""The multilingual-e5-small encoder as an OpenVINO graph: token ids and mask in, unit vectors out.

Built operation by operation from the bundled weights, which stay at their four bits: nothing is rounded a second
time, and the graph takes 67 MB instead of 470. OpenVINO multiplies such matrices on int8 activations in groups of
32 (measured: twice as fast as float16 weights, cosine .9999 to the float32 product). Refuses to know text.
"""

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as op

from core.embeddings.bundled_e5 import BLOCK, BundledE5

Node = Any
MASKED = -1e4


class _Builder:
    def __init__(self, model: BundledE5) -> None:
        self.model = model
        # OpenVINO's constants of four bits borrow the memory of these arrays until the graph is saved.
        self.borrowed: list[Any] = []

    def matrix(self, name: str, rows: int, columns: int) -> Node:
        quantised = self.model.matrix(name, rows, columns)
        signed = (quantised.nibbles - np.uint8(8)) & np.uint8(15)
        packed = np.ascontiguousarray(signed[:, 0::2] | (signed[:, 1::2] << 4)).reshape(-1)
        self.borrowed.append(packed)
        groups = columns // BLOCK
        tensor = ov.Tensor(packed, ov.Shape([rows, groups, BLOCK]), ov.Type.i4)
        scales = op.constant(np.ascontiguousarray(quantised.scales.reshape(rows, groups, 1)))
        weights = op.multiply(op.convert(ov.op.Constant(tensor), "f16"), scales)
        return op.convert(op.reshape(weights, _ints(rows, columns), False), "f32")

    def vector(self, name: str) -> Node:
        return op.constant(self.model.vector(name).reshape(1, 1, -1))

    def linear(self, x: Node, name: str, rows: int, columns: int) -> Node:
        return op.add(op.matmul(x, self.matrix(name + ".w", rows, columns), False, True), self.vector(name + ".b"))

    def layer_norm(self, x: Node, name: str) -> Node:
        normal = op.mvn(x, _ints(-1), True, self.model.epsilon, "inside_sqrt")
        return op.add(op.multiply(normal, self.vector(name + ".w")), self.vector(name + ".b"))

    def embeddings(self, ids: Node) -> Node:
        shape = self.model.shape
        words = op.gather(self.matrix("emb.word", shape.vocabulary, shape.hidden), ids, _int(0))
        # All tokens are of type 0, so its vector joins the positions once and for all.
        types = self.model.vector("emb.type").reshape(shape.types, shape.hidden)
        table = self.model.vector("emb.pos").reshape(shape.positions, shape.hidden) + types[0]
        length = op.gather(op.shape_of(ids), _ints(1), _int(0))
        positions = op.slice(op.constant(table), _ints(0), length, _ints(1), _ints(0))
        return self.layer_norm(op.add(words, positions), "emb.ln")

    def attention(self, x: Node, layer: str, bias: Node) -> Node:
        shape = self.model.shape

        def heads(name: str) -> Node:
            projected = self.linear(x, layer + name, shape.hidden, shape.hidden)
            split = op.reshape(projected, _ints(0, 0, shape.heads, shape.hidden // shape.heads), True)
            return op.transpose(split, _ints(0, 2, 1, 3))

        mixed = op.scaled_dot_product_attention(heads("q"), heads("k"), heads("v"), bias)
        joined = op.reshape(op.transpose(mixed, _ints(0, 2, 1, 3)), _ints(0, 0, shape.hidden), True)
        return self.linear(joined, layer + "ao", shape.hidden, shape.hidden)

    def encoder(self, x: Node, bias: Node) -> Node:
        shape = self.model.shape
        for number in range(shape.layers):
            layer = f"l{number}."
            x = self.layer_norm(op.add(x, self.attention(x, layer, bias)), layer + "aln")
            wide = op.gelu(self.linear(x, layer + "fi", shape.inner, shape.hidden), "erf")
            x = self.layer_norm(op.add(x, self.linear(wide, layer + "fo", shape.hidden, shape.inner)), layer + "oln")
        return x


def save_e5_graph(model: BundledE5, path: Path) -> None:
    """Write PATH (.xml) and the .bin beside it: inputs `input_ids` and `attention_mask`, int64 (texts, tokens)."""
    builder = _Builder(model)
    ids, mask = _input("input_ids"), _input("attention_mask")
    seen = op.convert(mask, "f32")
    absent = op.subtract(op.constant(np.float32(1)), op.unsqueeze(seen, _ints(1, 2)))
    states = builder.encoder(builder.embeddings(ids), op.multiply(absent, op.constant(np.float32(MASKED))))
    weights = op.unsqueeze(seen, _int(-1))
    summed = op.reduce_sum(op.multiply(states, weights), _ints(1), False)
    mean = op.divide(summed, op.reduce_sum(weights, _ints(1), False))
    graph = ov.Model([op.normalize_l2(mean, _ints(1), 1e-12, "max")], [ids, mask], "multilingual-e5-small")
    ov.save_model(graph, path, compress_to_fp16=False)


def _input(name: str) -> Node:
    node = op.parameter(ov.PartialShape([-1, -1]), ov.Type.i64, name=name)
    node.output(0).get_tensor().set_names({name})
    return node


def _ints(*values: int) -> Node:
    return op.constant(np.array(values, np.int64))


def _int(value: int) -> Node:
    return op.constant(np.int64(value))
