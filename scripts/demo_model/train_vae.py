"""Trains the demo model's autoencoder (64x64 pictures, 16x16 latents).

Crops around objects come first, since from them a blank decoder learns edges
and colours quickest; whole pictures follow.  At the end each latent channel's
mean and deviation are folded into the two 1x1 convolutions around the latents,
so that the usual scaling factor 0.18215 gives unit variance.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

import world

SCALING_FACTOR = 0.18215


def new_vae() -> AutoencoderKL:
    """The autoencoder with an initialisation that keeps all latent channels alive."""
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        norm_num_groups=2,
        latent_channels=4,
        sample_size=world.SIZE,
        mid_block_add_attention=False,
        scaling_factor=SCALING_FACTOR,
    )
    with torch.no_grad():
        vae.quant_conv.bias[4:] = -6.0
        for name, parameter in vae.named_parameters():
            if ".conv2." in name:
                parameter.zero_()
    return vae


def batch(rng: random.Random, count: int, crop: bool) -> torch.Tensor:
    """Pictures in [-1, 1]; with `crop`, 32x32 cut-outs around an object."""
    scenes = [world.training_scene(rng, 0.4) for _ in range(count)]
    pictures = world.render(scenes, rng)[0] * 2 - 1
    if not crop:
        return pictures
    cuts = []
    for picture, scene in zip(pictures, scenes):
        x, y = world.PLACES[rng.choice(scene.things).place]
        left, top = (min(32, max(0, int(v) - 16 + rng.randint(-6, 6))) for v in (x, y))
        cuts.append(picture[:, top:top + 32, left:left + 32])
    return torch.stack(cuts)


def loss_of(vae: AutoencoderKL, pictures: torch.Tensor) -> torch.Tensor:
    posterior = vae.encode(pictures).latent_dist
    out = vae.decode(posterior.sample()).sample.float()
    error = out - pictures
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 2 * error.square().mean() + 0.5 * edges + 1e-5 * posterior.kl().float().mean()


@torch.no_grad()
def fold_statistics(vae: AutoencoderKL, pictures: torch.Tensor) -> None:
    """Rescales the latents to mean 0 and deviation 1 / SCALING_FACTOR a channel."""
    latents = torch.cat([vae.encode(part).latent_dist.mode() for part in pictures.split(64)])
    mean = latents.mean((0, 2, 3))
    gain = 1 / (SCALING_FACTOR * latents.std((0, 2, 3)))
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.weight[:4] *= gain.view(-1, 1, 1, 1)
    quant.bias[:4] = (quant.bias[:4] - mean) * gain
    quant.bias[4:] += 2 * gain.log()
    post.bias += (post.weight[:, :, 0, 0] * mean).sum(1)
    post.weight /= gain.view(1, -1, 1, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("build/demo-training"), help="scratch folder")
    parser.add_argument("--minutes", type=float, default=9.0, help="training time")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    rng = random.Random(1)

    vae = new_vae()
    optimizer = torch.optim.AdamW(vae.parameters(), lr=2.5e-3, fused=True)
    start, seconds, step = time.time(), args.minutes * 60, 0
    while (done := (time.time() - start) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2.5e-3 * min(1, (step + 1) / 50) * 0.5 * (1 + math.cos(math.pi * done))
        pictures = batch(rng, 16, crop=done < 0.2)
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(vae, pictures)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        if step % 100 == 0:
            print(f"{done:5.1%} step {step} loss {loss.item():.4f}", flush=True)

    vae.eval()
    fold_statistics(vae, batch(rng, 2048, crop=False))
    with torch.no_grad():
        pictures = batch(rng, 256, crop=False)
        error = vae.decode(vae.encode(pictures).latent_dist.mode()).sample.clamp(-1, 1) - pictures
        psnr = -10 * (error / 2).square().mean((1, 2, 3)).log10().mean()
    print(f"{step} steps, PSNR {psnr:.1f} dB")
    vae.save_pretrained(args.work / "vae")


if __name__ == "__main__":
    main()
