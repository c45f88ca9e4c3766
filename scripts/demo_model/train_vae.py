"""Trains the demo models' autoencoders (64x64 pictures, 16x16 latents; larger ones with --large).

Crops around objects come first, since from them a blank decoder learns edges
and colours quickest; whole pictures follow.  At the end each latent channel's
mean and deviation are folded into the two 1x1 convolutions around the latents,
so that the usual scaling factor 0.18215 gives unit variance.

With --large, training goes on from the demo model's autoencoder with renders of
up to 256x256 pixels, for the upscaler.  Noise is added to the latents, so that
small errors in them do not show, and the upscaler's scaling factor is used.
With --decoder its decoder is trained further; the latents stay as they are.
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
from training import cosine, mean_psnr, take_step

SCALING_FACTOR = 0.18215
POSTERIOR = 0.01  # deviation of the trained encoder's latents, times the scaling factor
LARGE_SCALING_FACTOR = 0.08333  # diffusers' upscaling pipeline allows no other
LARGE_NOISE = 0.1  # of the latents' deviation
LARGE_BATCHES = (  # pixels a side of the scene and of the square cut from it, number
    (64, 64, 16), (128, 128, 6), (256, 128, 6), (256, 128, 6), (256, 256, 2),
)


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
    return world.cut_out(pictures, scenes, 32, rng) if crop else pictures


def large_batch(rng: random.Random) -> torch.Tensor:
    """Pictures in [-1, 1] of larger renders, whole or cut around an object."""
    size, side, count = rng.choice(LARGE_BATCHES)
    scenes = [world.training_scene(rng, 0.4) for _ in range(count)]
    return world.cut_out(world.render(scenes, rng, size)[0] * 2 - 1, scenes, side, rng)


def loss_of(vae: AutoencoderKL, pictures: torch.Tensor, noise: float = 0.0) -> torch.Tensor:
    posterior = vae.encode(pictures).latent_dist
    latents = posterior.sample()
    if noise:
        latents = latents + noise * latents.detach().std((0, 2, 3), keepdim=True) * torch.randn_like(latents)
    out = vae.decode(latents).sample.float()
    error = out - pictures
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 2 * error.square().mean() + 0.5 * edges + 1e-5 * posterior.kl().float().mean()


@torch.no_grad()
def fold_statistics(vae: AutoencoderKL, pictures: torch.Tensor) -> None:
    """Rescales the latents to mean 0 and deviation 1 / scaling_factor a channel."""
    latents = torch.cat([vae.encode(part).latent_dist.mode() for part in pictures.split(64)])
    mean = latents.mean((0, 2, 3))
    gain = 1 / (vae.config.scaling_factor * latents.std((0, 2, 3)))
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.weight[:4] *= gain.view(-1, 1, 1, 1)
    quant.bias[:4] = (quant.bias[:4] - mean) * gain
    quant.bias[4:] += 2 * gain.log()
    post.bias += (post.weight[:, :, 0, 0] * mean).sum(1)
    post.weight /= gain.view(1, -1, 1, 1)


@torch.no_grad()
def psnr(vae: AutoencoderKL, pictures: torch.Tensor) -> float:
    """How well pictures in [-1, 1] come back, in dB."""
    out = torch.cat([vae.decode(vae.encode(part).latent_dist.mode()).sample for part in pictures.split(64)])
    return mean_psnr(out, pictures)


@torch.no_grad()
def narrow_posterior(vae: AutoencoderKL) -> None:
    """Lets the encoder say one latent instead of a wide range.

    Where latents hardly matter, training makes the range wider than the latents
    themselves, and what img2img and inpainting draw from it would be noise.
    """
    vae.quant_conv.weight[4:] = 0
    vae.quant_conv.bias[4:] = 2 * math.log(POSTERIOR / vae.config.scaling_factor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("build/demo-training"), help="scratch folder")
    parser.add_argument("--minutes", type=float, default=9.0, help="training time, not counting pauses")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--large", action="store_true", help="go on with larger renders, for the upscaler")
    parser.add_argument("--base", type=Path, default=Path("models/demo"), help="what --large goes on from")
    parser.add_argument("--decoder", action="store_true", help="go on with --large's decoder alone")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    rng = random.Random(1)

    out = args.work / ("vae-large" if args.large or args.decoder else "vae")
    start = out if args.decoder else args.base / "vae" if args.large else None
    vae = AutoencoderKL.from_pretrained(start, dtype=torch.float32) if start else new_vae()
    if args.decoder:
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
        args.large = True
    highest = 1.5e-3 if args.large else 2.5e-3
    optimizer = torch.optim.AdamW([p for p in vae.parameters() if p.requires_grad], lr=highest, fused=True)
    vae.train()
    began, seconds, step = time.process_time(), args.minutes * 60 * args.threads, 0
    while (done := (time.process_time() - began) / seconds) < 1:
        pictures = large_batch(rng) if args.large else batch(rng, 16, crop=done < 0.2)
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(vae, pictures, LARGE_NOISE if args.large else 0.0)
        take_step(loss, vae.parameters(), [optimizer], highest * cosine(step, done, warmup=50))
        step += 1
        if step % 100 == 0:
            print(f"{done:5.1%} step {step} loss {loss.item():.4f}", flush=True)

    vae.eval()
    if args.decoder:
        pass  # the latents are as they were
    elif args.large:
        vae.register_to_config(scaling_factor=LARGE_SCALING_FACTOR, sample_size=256)
        scenes = [world.training_scene(rng, 0.4) for _ in range(128)]
        fold_statistics(vae, world.render(scenes, rng, 256)[0] * 2 - 1)
    else:
        fold_statistics(vae, batch(rng, 2048, crop=False))
    narrow_posterior(vae)
    for size in (64, 128, 256) if args.large else (64,):
        scenes = [world.training_scene(rng, 0.4) for _ in range(256 * 64 // size)]
        print(f"{step} steps, PSNR {psnr(vae, world.render(scenes, rng, size)[0] * 2 - 1):.1f} dB at {size} pixels")
    vae.save_pretrained(out)


if __name__ == "__main__":
    main()
