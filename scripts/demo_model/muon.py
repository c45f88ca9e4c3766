"""The Muon optimiser: momentum whose update of each weight matrix is made orthogonal.

It needs fewer steps than AdamW, which counts most where steps are slow.  After
the description by K. Jordan (2024), with the update scaled to AdamW's usual
size; convolutions count as matrices of output channels by everything else.
"""

from __future__ import annotations

from collections import defaultdict

import torch


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """Brings the singular values of a (B, m, n) stack, m <= n, near 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """For parameters with two or more dimensions."""

    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.01) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            stacks = defaultdict(list)  # matrices of one shape go through one batched product
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
                tall = update.shape[0] > update.shape[1]
                update = update.mT if tall else update
                stacks[update.shape].append((parameter, update, tall))
            for (rows, columns), entries in stacks.items():
                updates = orthogonal(torch.stack([update for _, update, _ in entries]))
                scale = 0.2 * max(rows, columns) ** 0.5
                for (parameter, _, tall), update in zip(entries, updates):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    update = update.mT if tall else update
                    parameter.add_(update.reshape(parameter.shape), alpha=-group["lr"] * scale)
