"""What the trainers of single networks share."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch


def cosine(step: int, done: float, warmup: int) -> float:
    """The share of the highest rate: up over the first steps, then down along half a cosine."""
    return min(1, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * done))


def late_decline(step: int, done: float) -> float:
    """The share of the highest rate: up over the first steps, and down in the second half, to a hundredth."""
    return min(1, (step + 1) / 100, max(0.01, (1 - done) / 0.5))


def take_step(loss: torch.Tensor, parameters: Iterable[torch.Tensor], optimizers: Iterable[torch.optim.Optimizer],
              rate: float) -> None:
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def mean_psnr(out: torch.Tensor, pictures: torch.Tensor) -> float:
    """Of pictures in [-1, 1], in dB."""
    return (-10 * ((out.clamp(-1, 1) - pictures) / 2).square().mean((1, 2, 3)).log10()).mean().item()
