"""Makes pictures with parts of a demo model, many prompts in one batch."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import DDIMScheduler

STABLE_DIFFUSION_BETAS = (0.00085, 0.012)


def new_scheduler(betas: tuple[float, float] = STABLE_DIFFUSION_BETAS, kind: str = "scaled_linear") -> DDIMScheduler:
    """A noise schedule, Stable Diffusion's by default; the demo models predict v."""
    return DDIMScheduler(
        num_train_timesteps=1000, beta_start=betas[0], beta_end=betas[1], beta_schedule=kind,
        clip_sample=False, set_alpha_to_one=False, steps_offset=1, prediction_type="v_prediction",
    )


@torch.no_grad()
def make_pictures(unet, vae, contexts: torch.Tensor, empty: torch.Tensor, steps: int, guidance: float, seed: int,
                  betas: tuple[float, float] = STABLE_DIFFUSION_BETAS, extra: torch.Tensor | None = None,
                  labels: torch.Tensor | None = None) -> np.ndarray:
    """8-bit pictures (B, H, W, 3) for contexts (B, T, C) by DDIM with guidance.

    `extra` are further input channels of the UNet, `labels` its class labels.
    """
    generator = torch.Generator().manual_seed(seed)
    size = extra.shape[-2:] if extra is not None else (unet.config.sample_size,) * 2
    scheduler = new_scheduler(betas)
    scheduler.set_timesteps(steps)
    at_once = max(1, 64 * 16 * 16 // (size[0] * size[1]))
    pictures = []
    for rows in torch.arange(len(contexts)).split(at_once):
        x = torch.randn(len(rows), 4, *size, generator=generator)
        context = torch.cat((empty.expand_as(contexts[rows]), contexts[rows]))
        fixed = [extra[rows]] if extra is not None else []
        told = {"class_labels": labels[rows].repeat(2)} if labels is not None else {}
        for t in scheduler.timesteps:
            inputs = torch.cat([x, *fixed], 1)
            with torch.autocast("cpu", torch.bfloat16):
                out = unet(inputs.repeat(2, 1, 1, 1), t, context, return_dict=False, **told)[0].float()
            without, with_text = out.chunk(2)
            x = scheduler.step(without + guidance * (with_text - without), t, x).prev_sample
        pictures.append(vae.decode(x / vae.config.scaling_factor).sample)
    pixels = (torch.cat(pictures) / 2 + 0.5).clamp(0, 1) * 255
    return pixels.round().byte().permute(0, 2, 3, 1).numpy()
