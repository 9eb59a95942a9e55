/** What an exported Python module begins with. It needs torch 1.13 or later and the standard library. */
export const beginning = `import functools
import json
import math
import os
import struct
import zlib

import torch
import torch.nn.functional as F
from torch import nn

`;

/** The model, whatever its embedding: layers, interaction, loss, and the file that it is of. */
export const modelSource = `

class Dlrm(nn.Module):
    """The model. Its parameters have the names that they have in the file."""

    def __init__(self):
        super().__init__()
        for name, shape in ARRAYS.items():
            hold(self, name, nn.Parameter(torch.zeros(shape)))
        self.others = {}  # arrays of the file that are not trained
        self.header = None

    @staticmethod
    def load(path):
        """The model of a file that pss-dlrm saved. Raises ValueError where it is another or is damaged."""
        model = Dlrm()
        metadata, arrays, crc = read_file(path)
        about = fields(metadata["about"])
        for name in ("config", "embedding"):
            if json.loads(about[name]) != json.loads(ABOUT[name]):
                raise ValueError(f"{path} is of another model than this module: its {name} differs; export it again.")
        model.header, model.crc = (metadata, {name: array.dtype for name, array in arrays.items()}), crc
        own = dict(model.named_parameters())
        with torch.no_grad():
            for name, array in arrays.items():
                if name in GRIDS:
                    array = unpacked(array, own[name].shape, *GRIDS[name])
                if name in own:
                    own[name].copy_(array.reshape(own[name].shape).to(torch.float32))
                elif "/state." not in name:
                    model.others[name] = array
        if "embedding.own" in model.others:
            model.others.update(own_rows(model.others["embedding.own"], json.loads(about["config"])["dim"]))
        return model

    def save(self, path):
        """
        Writes the file anew, for pss-dlrm and for load; whatever happens, the old one or the new one is there, whole. Numbers
        that trained are no longer those that were measured: what the file said of their quality, training and optimizer goes.
        """
        if self.header is None:
            raise ValueError("Only a model that was loaded can be saved: its file says what a module does not.")
        metadata, dtypes = self.header
        arrays = {}
        for name, dtype in dtypes.items():
            if name in ARRAYS:
                value = self.get_parameter(name).detach().cpu()
                if not torch.isfinite(value).all():
                    raise ValueError(f"{name} holds numbers that are not finite, so training has diverged; nothing was saved.")
                arrays[name] = packed(value, *GRIDS[name]) if name in GRIDS else value.to(dtype)
            elif name in self.others:
                arrays[name] = self.others[name]
        if data_crc(arrays) != self.crc:
            about = fields(metadata["about"])
            kept = [f"{json.dumps(name)}:{text}" for name, text in about.items() if name not in ("quality", "training", "optimizer")]
            metadata = {**metadata, "about": "{" + ",".join(kept) + "}"}
        write_file(path, metadata, arrays)

    def forward(self, dense, ids):
        """
        Logits [n, 1] of dense [n, D], float32, and ids [n, T], or [n, T, L] padded with -1 where bags have fewer than L ids,
        int64. Raises ValueError for other shapes, and for ids that their tables do not have.
        """
        if dense.dim() != 2 or dense.shape[1] != DENSE:
            raise ValueError(f"dense must be [n, {DENSE}], but is {list(dense.shape)}.")
        if ids.dim() not in (2, 3) or ids.shape[:2] != (len(dense), len(TABLES)):
            raise ValueError(f"ids must be [{len(dense)}, {len(TABLES)}] or that and L, but is {list(ids.shape)}.")
        ids = ids if ids.dim() == 3 else ids[:, :, None]
        rows = whole(TABLES, (1, len(TABLES), 1), ids.device)
        if bool(((ids < -1) | (ids >= rows)).any()):
            raise ValueError(f"An id is not in its table; tables have {TABLES} rows.")
        present = ids >= 0
        vectors = self.vectors(torch.where(present, ids, torch.zeros_like(ids)), present)
        bottom = self.layers("bottom", dense, LAYERS["bottom"], logit=False)
        return self.layers("top", interact(bottom, vectors), LAYERS["top"], logit=True)

    def probability(self, dense, ids):
        """P(label = 1) [n, 1], as pss-dlrm predict says it."""
        p = clamped(torch.sigmoid(self(dense, ids)))
        return p if SAMPLING_RATE == 1 else p / (p + (1 - p) / SAMPLING_RATE)

    def loss(self, dense, ids, labels):
        """Mean loss of a batch; labels [n, 1] are 0 or 1."""
        logits = self(dense, ids)
        if LOSS == "mse":
            return ((clamped(torch.sigmoid(logits)) - labels) ** 2).mean()
        if CLAMP > 0:
            return F.binary_cross_entropy(clamped(torch.sigmoid(logits)), labels)
        return F.binary_cross_entropy_with_logits(logits, labels)

    @property
    def dtype(self):
        return self.get_parameter("top.0.bias").dtype

    def layers(self, name, x, count, logit):
        for i in range(count):
            x = F.linear(x, self.get_parameter(f"{name}.{i}.weight"), self.get_parameter(f"{name}.{i}.bias"))
            if not (logit and i == count - 1):
                x = F.relu(x)
        return x

    def vectors(self, ids, present):
        """[n, T, dim] the vector of each bag; ids and present are [n, T, L]."""
        order, parts = [], []
        for tables, pooled in GROUPS:
            at = whole(tables, (-1,), ids.device)
            every = tuple(tables) == tuple(range(len(TABLES)))
            parts.append(pooled(self, *(x if every else x.index_select(1, at) for x in (ids, present))))
            order.extend(tables)
        both = torch.cat(parts, 1)
        if order == sorted(order):
            return both
        return both.index_select(1, whole([order.index(t) for t in range(len(order))], (-1,), ids.device))


def hold(module, name, parameter):
    """Registers a parameter under a name with dots, as that of a module of modules."""
    *path, last = name.split(".")
    for part in path:
        if not hasattr(module, part):
            module.add_module(part, nn.Module())
        module = getattr(module, part)
    module.register_parameter(last, parameter)


def clamped(p):
    return p.clamp(CLAMP, 1 - CLAMP) if CLAMP > 0 else p


def interact(bottom, vectors):
    """What the top layers read: everything side by side, or the bottom's output beside all pairwise products."""
    stack = torch.cat([bottom[:, None, :], vectors], 1)
    if INTERACTION == "cat":
        return stack.flatten(1)
    i, j = torch.tril_indices(stack.shape[1], stack.shape[1], 0 if ITSELF else -1, device=stack.device)
    return torch.cat([bottom, (stack @ stack.transpose(1, 2))[:, i, j]], 1)
`;
