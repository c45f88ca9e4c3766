"""Makes pictures with parts of the demo model, many prompts in one batch."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import DDIMScheduler


def new_scheduler() -> DDIMScheduler:
    """Stable Diffusion's noise schedule; the demo model predicts v."""
    return DDIMScheduler(
        num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
        clip_sample=False, set_alpha_to_one=False, steps_offset=1, prediction_type="v_prediction",
    )


@torch.no_grad()
def make_pictures(unet, vae, contexts: torch.Tensor, empty: torch.Tensor, steps: int, guidance: float,
                  seed: int) -> np.ndarray:
    """8-bit pictures (B, 64, 64, 3) for contexts (B, T, C) by DDIM with guidance."""
    generator = torch.Generator().manual_seed(seed)
    size = unet.config.sample_size
    scheduler = new_scheduler()
    scheduler.set_timesteps(steps)
    pictures = []
    for part in contexts.split(64):
        x = torch.randn(len(part), 4, size, size, generator=generator)
        both = torch.cat((empty.expand_as(part), part))
        for t in scheduler.timesteps:
            with torch.autocast("cpu", torch.bfloat16):
                out = unet(torch.cat((x, x)), t, both, return_dict=False)[0].float()
            without, with_text = out.chunk(2)
            x = scheduler.step(without + guidance * (with_text - without), t, x).prev_sample
        pictures.append(vae.decode(x / vae.config.scaling_factor).sample)
    pixels = (torch.cat(pictures) / 2 + 0.5).clamp(0, 1) * 255
    return pixels.round().byte().permute(0, 2, 3, 1).numpy()
