"""The model and its training step in PyTorch, driven line by line by torch.ts (not called torch.py: that would be imported in place of torch): argument 1 is a folder of raw arrays, argument 2 a device."""

import json
import os
import sys

import torch

torch.set_num_threads(os.cpu_count())

folder, device = sys.argv[1:]
with open(f"{folder}/problem.json", encoding="utf-8") as file:
    problem = json.load(file)


def array(name, dtype=torch.float32):
    with open(f"{folder}/{name}.bin", "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=dtype).to(device, copy=True)


batch, tables, dim, rate = problem["batch"], problem["tables"], problem["dim"], problem["rate"]
dense = array("dense").reshape(batch, -1)
labels = array("labels").reshape(batch, 1)
slots = array("slots", torch.int32).long()
signs = array("signs")
triangle = array("triangle", torch.int32).long()
memory = array("memory").requires_grad_()


def layers(name):
    return [
        (
            array(f"{name}{i}.weight").reshape(out, -1).requires_grad_(),
            array(f"{name}{i}.bias").requires_grad_(),
        )
        for i, out in enumerate(problem[name])
    ]


bottom, top = layers("bottom"), layers("top")
parameters = [memory] + [p for layer in bottom + top for p in layer]


def mlp(h, weights, logit):
    for i, (w, b) in enumerate(weights):
        h = torch.nn.functional.linear(h, w, b)
        if not (logit and i == len(weights) - 1):
            h = torch.relu(h)
    return h


def logits():
    h = mlp(dense, bottom, False)
    embedded = (memory[slots] * signs).reshape(batch, tables, dim)
    stack = torch.cat([h.reshape(batch, 1, dim), embedded], 1)
    products = torch.bmm(stack, stack.transpose(1, 2)).reshape(batch, -1)
    return mlp(torch.cat([h, products[:, triangle]], 1), top, True)


def step():
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits(), labels)
    slopes = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for p, g in zip(parameters, slopes):
            p.sub_(g, alpha=rate)
    return float(loss)


def predict():
    with torch.no_grad():
        return torch.sigmoid(logits()).flatten().tolist()


products = {}


def matmul(n, k, m):
    a, b = products.setdefault((n, k, m), (torch.full((n, k), 0.5, device=device), torch.full((k, m), 0.25, device=device)))
    return float((a @ b)[0, 0])


def blas():
    """What multiplies matrices: the library that is loaded, since torch itself does not say."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        maps = file.read()
    return next((name for name in ("openblas", "mkl") if name in maps), "no tuned BLAS, which makes it slow")


def remark():
    if device == "cuda":
        return f"on {torch.cuda.get_device_name()}, products in full f32 (no TF32)"
    return f"native code with fused multiply-add, on {torch.get_num_threads()} threads, with {blas()}"


print(json.dumps({"version": torch.__version__, "remark": remark()}), flush=True)
for line in sys.stdin:
    name, *numbers = line.split()
    result = {"step": step, "predict": predict, "matmul": matmul}[name](*map(int, numbers))
    print(json.dumps(result), flush=True)
