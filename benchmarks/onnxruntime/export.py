"""Writes a BERT folder (config.json, model.safetensors) as an ONNX file: export.py FOLDER FILE. Needs PyTorch, its onnx package and numpy.

The graph is of the form that torch.onnx gives Hugging Face's BertModel, in opset 11: ONNX Runtime fuses its attention, layer norms and GELU
(from opset 13 on it no longer recognizes the attention).
"""
import json
import math
import struct
import sys

import numpy as np
import torch
from torch import nn

TYPES = {"F16": np.float16, "F32": np.float32}
folder, target = sys.argv[1:]
with open(folder + "/config.json") as file:
    config = json.load(file)
with open(folder + "/model.safetensors", "rb") as file:
    content = file.read()
header_length = struct.unpack("<Q", content[:8])[0]
header = json.loads(content[8 : 8 + header_length])
prefix = "" if "embeddings.word_embeddings.weight" in header else "bert."
if config["hidden_act"] != "gelu":
    sys.exit("hidden_act must be gelu: " + config["hidden_act"])


def tensor(name):
    entry = header[prefix + name]
    start, end = (8 + header_length + offset for offset in entry["data_offsets"])
    values = np.frombuffer(content[start:end], dtype=TYPES[entry["dtype"]]).astype(np.float32)
    return nn.Parameter(torch.tensor(values.reshape(entry["shape"])))


class Linear(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.weight, self.bias = tensor(name + ".weight"), tensor(name + ".bias")

    def forward(self, x):
        return torch.matmul(x, self.weight.t()) + self.bias


class Norm(nn.LayerNorm):
    def __init__(self, name):
        super().__init__(config["hidden_size"], eps=config["layer_norm_eps"])
        self.weight, self.bias = tensor(name + ".weight"), tensor(name + ".bias")


class Layer(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.query, self.key, self.value = (Linear(name + ".attention.self." + part) for part in ("query", "key", "value"))
        self.output, self.norm = Linear(name + ".attention.output.dense"), Norm(name + ".attention.output.LayerNorm")
        self.inner, self.outer = Linear(name + ".intermediate.dense"), Linear(name + ".output.dense")
        self.last_norm = Norm(name + ".output.LayerNorm")

    @staticmethod
    def heads(x):
        count = config["num_attention_heads"]
        return x.view(x.size(0), x.size(1), count, config["hidden_size"] // count).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        query, key, value = self.heads(self.query(x)), self.heads(self.key(x)), self.heads(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(query.size(-1)) + mask
        context = torch.matmul(torch.softmax(scores, -1), value).permute(0, 2, 1, 3).contiguous()
        context = context.view(context.size(0), context.size(1), config["hidden_size"])
        x = self.norm(self.output(context) + x)
        return self.last_norm(self.outer(nn.functional.gelu(self.inner(x))) + x)


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions, self.types = (tensor(f"embeddings.{part}_embeddings.weight") for part in ("word", "position", "token_type"))
        self.norm = Norm("embeddings.LayerNorm")
        self.layers = nn.ModuleList([Layer(f"encoder.layer.{i}") for i in range(config["num_hidden_layers"])])

    def forward(self, input_ids, attention_mask, token_type_ids):
        x = nn.functional.embedding(input_ids, self.words) + nn.functional.embedding(token_type_ids, self.types)
        x = self.norm(x + self.positions[: input_ids.size(1)].unsqueeze(0))
        mask = (1.0 - attention_mask[:, None, None, :].float()) * -10000.0
        for layer in self.layers:
            x = layer(x, mask)
        return x


names = ["input_ids", "attention_mask", "token_type_ids"]
example = torch.ones(2, 16, dtype=torch.long)
torch.onnx.export(Bert().eval(), (example, example, torch.zeros_like(example)), target, input_names=names, output_names=["last_hidden_state"],
                  dynamic_axes={name: {0: "batch", 1: "length"} for name in names + ["last_hidden_state"]}, opset_version=11,
                  do_constant_folding=True)
