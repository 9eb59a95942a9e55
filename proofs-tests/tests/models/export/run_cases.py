"""
Runs exported modules on the cases of a folder, for torch.test.ts: each has model.py, model.safetensors and case.json, in which
are rows and what to do. Writes result.json beside them.
"""

import importlib.util
import json
import pathlib
import sys

import torch

torch.use_deterministic_algorithms(True)


def loaded(folder):
    spec = importlib.util.spec_from_file_location(f"model_{folder.name}", folder / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbers(tensor):
    return tensor.detach().double().flatten().tolist()


def trained(model, make, rows, steps):
    optimizer = make(model.parameters())
    for _ in range(steps):
        optimizer.zero_grad()
        model.loss(*rows).backward()
        optimizer.step()
    return {name: numbers(p) for name, p in model.named_parameters()}


def run(folder):
    module, case = loaded(folder), json.loads((folder / "case.json").read_text())
    load = lambda: module.Dlrm.load(str(folder / "model.safetensors"))
    dense, labels = torch.tensor(case["dense"]), torch.tensor(case["labels"]).reshape(-1, 1)
    ids = torch.tensor(case["ids"], dtype=torch.int64).reshape(case["shape"])
    model = load()
    result = {"probabilities": numbers(model.probability(dense, ids))}
    model.save(str(folder / "same.safetensors"))
    with torch.no_grad():
        next(model.parameters()).add_(1)
    model.save(str(folder / "other.safetensors"))
    rows = (dense.double(), ids, labels.double())
    model = load().double()
    loss = model.loss(*rows)
    loss.backward()
    result["loss"] = loss.item()
    result["gradients"] = {
        name: numbers(torch.zeros_like(p) if p.grad is None else p.grad) for name, p in model.named_parameters()
    }
    result["sgd"] = trained(load().double(), lambda ps: torch.optim.SGD(ps, lr=case["rate"]), rows, 5)
    result["adagrad"] = trained(load().double(), lambda ps: torch.optim.Adagrad(ps, lr=0.1, eps=0.1), rows, 5)
    model = load().double()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.startswith("embedding."):
                p.copy_((torch.arange(p.numel()) % 2048 + 1).reshape(p.shape))
    at = ids if ids.dim() == 3 else ids[:, :, None]
    result["vectors"] = numbers(model.vectors(at.clamp(min=0), at >= 0))
    (folder / "result.json").write_text(json.dumps(result))


for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    run(folder)
