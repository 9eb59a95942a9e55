"""
Goes on training an exported model on many machines, each with a part of the rows (data parallelism). The embedding memory and
the layers are small enough for every machine to hold them all, so that all that is exchanged is one gradient of that size.

    npx pss-dlrm export DIR/model.safetensors --to torch                                        # writes DIR/model.py
    npx pss-dlrm encode --model DIR/model.safetensors --data csv:ROWS.csv --labels --out rows
    torchrun --nproc_per_node 2 train.py DIR rows --steps 1000 --batch 512

Rows are taken in their order, each rank its share of each batch, from files that are mapped into memory. What was trained so far
is DIR/trained.safetensors, which `pss-dlrm predict` reads; DIR/state.pt is where the training stands: started again, every rank
goes on from there. (Torch 1.13 on Python 3.11, which Debian 12 has, needs torchrun --redirects 2 --tee 2.)
"""

import argparse
import datetime
import importlib.util
import json
import os
import pathlib

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel


def module_of(folder):
    spec = importlib.util.spec_from_file_location("exported_model", folder / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def batches(rows, batch, rank, ranks, begin, steps):
    """This rank's share of each step: equal shares, since gradients are averaged over ranks, not over rows."""
    share, size = batch // ranks, len(rows["labels"])
    for step in range(begin, steps):
        at = (step * batch + rank * share + np.arange(share)) % size
        yield step, *(torch.from_numpy(rows[name][at]) for name in ("dense", "ids", "labels"))


class Losses(torch.nn.Module):
    """What DDP wraps: its hooks fire in the forward pass of a module, so the loss is one."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, dense, ids, labels):
        return self.model.loss(dense, ids, labels)


def save(model, optimizer, step, folder):
    """The model last: whoever finds a new model finds the state that belongs to it, or a newer one's step, never half."""
    torch.save({"optimizer": optimizer.state_dict(), "step": step, "parameters": model.state_dict()}, folder / "state.tmp")
    os.replace(folder / "state.tmp", folder / "state.pt")
    model.save(str(folder / "trained.safetensors"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("rows", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=512, help="rows of a step, of all ranks together")
    parser.add_argument("--optimizer", choices=["adagrad", "sgd"], default="adagrad")
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument("--double", action="store_true", help="in doubles, to compare with another training")
    given = parser.parse_args()

    cuda = torch.cuda.is_available()
    dist.init_process_group("nccl" if cuda else "gloo", timeout=datetime.timedelta(minutes=5))
    rank, ranks = dist.get_rank(), dist.get_world_size()
    if given.batch % ranks != 0:
        raise SystemExit(f"--batch {given.batch} cannot be shared by {ranks} ranks; take a multiple of {ranks}.")
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
    model = module_of(given.folder).Dlrm.load(str(given.folder / "model.safetensors"))
    if given.double:
        model = model.double()
    model.to(device)
    make = {"adagrad": torch.optim.Adagrad, "sgd": torch.optim.SGD}[given.optimizer]
    optimizer, begin, state = make(model.parameters(), lr=given.lr), 0, given.folder / "state.pt"
    if state.exists():
        kept = torch.load(state, map_location=device)
        model.load_state_dict(kept["parameters"])
        optimizer.load_state_dict(kept["optimizer"])
        begin = kept["step"]
    bytes_of = sum(p.numel() * p.element_size() for p in model.parameters())
    together = DistributedDataParallel(Losses(model), bucket_cap_mb=bytes_of / 2**20 + 1)

    rows = {name: np.load(given.rows / f"{name}.npy", mmap_mode="r") for name in ("dense", "ids", "labels")}
    for step, dense, ids, labels in batches(rows, given.batch, rank, ranks, begin, given.steps):
        dense, labels = dense.to(device, model.dtype), labels.to(device, model.dtype)
        optimizer.zero_grad()
        loss = together(dense, ids.to(device), labels)
        loss.backward()
        optimizer.step()
        mean = loss.detach().clone()
        dist.all_reduce(mean)
        if rank == 0:
            print(json.dumps({"step": step + 1, "loss": mean.item() / ranks}), flush=True)
            if (step + 1) % given.save_every == 0 or step + 1 == given.steps:
                save(model, optimizer, step + 1, given.folder)
        if (step + 1) % given.save_every == 0:
            dist.barrier()
    dist.destroy_process_group()


main()
