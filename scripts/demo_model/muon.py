"""The Muon optimiser: momentum whose update of each weight matrix is made orthogonal.

It needs fewer steps than AdamW, which counts most where steps are slow.  After
the description by K. Jordan (2024), with the update scaled to AdamW's usual
size; convolutions count as matrices of output channels by everything else.
"""

from __future__ import annotations

from collections import defaultdict

import torch
import torch.distributed as dist


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """Brings the singular values of a (B, m, n) stack, m <= n, near 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.to(matrices.dtype)


def shared_orthogonal(stacks: list[torch.Tensor]) -> list[torch.Tensor]:
    """`orthogonal` for each stack, with the work divided among the workers if there are any."""
    if not dist.is_initialized():
        return [orthogonal(stack) for stack in stacks]
    mine = slice(dist.get_rank(), None, dist.get_world_size())
    results = [torch.zeros_like(stack) for stack in stacks]
    for result, stack in zip(results, stacks):
        if len(stack[mine]):
            result[mine] = orthogonal(stack[mine])
    flat = torch.cat([result.flatten() for result in results])
    dist.all_reduce(flat)
    parts = flat.split([stack.numel() for stack in stacks])
    return [part.view_as(stack) for part, stack in zip(parts, stacks)]


class Muon(torch.optim.Optimizer):
    """For parameters with two or more dimensions."""

    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.01) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            grouped = defaultdict(list)  # matrices of one shape go through one batched product
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
                tall = update.shape[0] > update.shape[1]
                update = update.mT if tall else update
                grouped[update.shape].append((parameter, update, tall))
            stacks = [torch.stack([update for _, update, _ in entries]) for entries in grouped.values()]
            for entries, updates in zip(grouped.values(), shared_orthogonal(stacks)):
                scale = 0.2 * max(updates.shape[1:]) ** 0.5
                for (parameter, _, tall), update in zip(entries, updates):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    update = update.mT if tall else update
                    parameter.add_(update.reshape(parameter.shape), alpha=-group["lr"] * scale)
