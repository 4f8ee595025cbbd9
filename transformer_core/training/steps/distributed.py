"""Several processes that train one model: what `torchrun` starts, or a group of one."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Group:
    """The processes of a training, as one of them sees it.

    Attributes:
        rank: this process's number; 0 alone logs, evaluates and saves.
        size: how many there are.
        device: what this process computes on.
    """

    rank: int
    size: int
    device: torch.device

    @classmethod
    def join(cls, device: str) -> Group:
        """The group that torchrun's environment variables name, joined, or a group of one.

        Args:
            device: "cpu", "cuda", or "auto": CUDA where there is one.
        """
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        rank, size = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if device == "cuda":
            device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
            torch.cuda.set_device(device)
        if size > 1:
            distributed.init_process_group("gloo" if device == "cpu" else "nccl", rank=rank, world_size=size)
        return cls(rank, size, torch.device(device))

    @property
    def is_first(self) -> bool:
        """Whether this process speaks for the group."""
        return self.rank == 0

    def sum(self, *values: float) -> list[float]:
        """Each value, summed over the processes."""
        if self.size == 1:
            return list(values)
        totals = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(totals)
        return totals.tolist()

    def gather(self, x: Tensor) -> Tensor:
        """The `x` of every process, stacked by rank; it must have one shape everywhere.

        Shapes: x [...] -> [size, ...], on the CPU.
        """
        if self.size == 1:
            return x.cpu()[None]
        parts = [torch.empty_like(x, device=self.device) for _ in range(self.size)]
        distributed.all_gather(parts, x.to(self.device))
        return torch.stack(parts).cpu()

    def wait(self) -> None:
        """Return when every process has come here."""
        if self.size > 1:
            distributed.barrier()

    def wrap(self, module: nn.Module) -> nn.Module:
        """`module` with its gradients averaged over the processes; in a group of one, `module` itself."""
        if self.size == 1:
            return module
        ids = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(module, device_ids=ids)

    def leave(self) -> None:
        """Leave the group."""
        if self.size > 1:
            distributed.destroy_process_group()
