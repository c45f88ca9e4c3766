"""Trains the MoVQ of Kandinsky's demo model (64x64 pictures, 16x16 latents), as train_vae.py does its autoencoder.

Kandinsky's pipelines decode latents as they are, not the codebook's nearest
entries, so that is what is trained.  At the end each latent channel's mean and
deviation are folded into the 1x1 convolutions around the latents, and those of
the decoder's norms, as the UNet's latents have no scaling factor; then the
codebook is set to the centres of clusters.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
from diffusers import VQModel

from kandinsky_parts import FOLDER, new_movq
from train_vae import batch
from training import cosine, mean_psnr, take_step

NOISE = 0.1  # of the latents' deviation, so that small errors in them do not show
RATE = 2.5e-3


def encoded(movq: VQModel, pictures: torch.Tensor) -> torch.Tensor:
    return torch.cat([movq.encode(part).latents for part in pictures.split(64)])


def loss_of(movq: VQModel, pictures: torch.Tensor) -> torch.Tensor:
    latents = movq.encode(pictures).latents
    noisy = latents + NOISE * latents.detach().std((0, 2, 3), keepdim=True) * torch.randn_like(latents)
    error = movq.decode(noisy, force_not_quantize=True).sample.float() - pictures
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    # Keeps the latents near 0 with a deviation near 1.
    kept = latents.float().mean((0, 2, 3)).square().mean() + latents.float().std((0, 2, 3)).log().square().mean()
    return error.abs().mean() + 2 * error.square().mean() + 0.5 * edges + 1e-3 * kept


@torch.no_grad()
def fold_statistics(movq: VQModel, pictures: torch.Tensor) -> None:
    """Rescales the latents to mean 0 and deviation 1 a channel."""
    latents = encoded(movq, pictures)
    mean, gain = latents.mean((0, 2, 3)), 1 / latents.std((0, 2, 3))
    quant = movq.quant_conv
    quant.weight *= gain.view(-1, 1, 1, 1)
    quant.bias.copy_((quant.bias - mean) * gain)
    told = [module for name, module in movq.decoder.named_modules() if name.endswith((".conv_y", ".conv_b"))]
    for convolution in (movq.post_quant_conv, *told):
        convolution.bias += (convolution.weight[:, :, 0, 0] * mean).sum(1)
        convolution.weight /= gain.view(1, -1, 1, 1)


@torch.no_grad()
def set_codebook(movq: VQModel, pictures: torch.Tensor) -> None:
    """The centres of clusters of latents, by k-means."""
    points = encoded(movq, pictures).permute(0, 2, 3, 1).flatten(0, 2)
    entries = movq.quantize.embedding.weight
    centres = points[torch.randperm(len(points))[:len(entries)]].clone()
    for _ in range(12):
        nearest = torch.cat([torch.cdist(part, centres).argmin(1) for part in points.split(8192)])
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        counts = torch.bincount(nearest, minlength=len(centres)).unsqueeze(1)
        centres = torch.where(counts > 0, sums / counts.clamp(min=1), centres)
    entries.copy_(centres)


@torch.no_grad()
def psnr(movq: VQModel, pictures: torch.Tensor, quantize: bool) -> float:
    """How well pictures in [-1, 1] come back, in dB."""
    out = torch.cat([
        movq.decode(movq.encode(part).latents, force_not_quantize=not quantize).sample for part in pictures.split(64)])
    return mean_psnr(out, pictures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=FOLDER, help="scratch folder")
    parser.add_argument("--minutes", type=float, default=9.0, help="processor time")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rng = random.Random(1)

    movq = new_movq()
    movq.train()
    optimizer = torch.optim.AdamW(movq.parameters(), lr=RATE, fused=True)
    began, step = time.process_time(), 0
    while (done := (time.process_time() - began) / (args.minutes * 60)) < 1:
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(movq, batch(rng, 16, crop=done < 0.2))
        take_step(loss, movq.parameters(), [optimizer], RATE * cosine(step, done, warmup=50))
        step += 1
        if step % 50 == 0:
            print(f"{done:5.1%} step {step} loss {loss.item():.4f}", flush=True)

    movq.eval()
    known = batch(rng, 1024, crop=False)
    before = psnr(movq, known[:128], quantize=False)
    fold_statistics(movq, known)
    set_codebook(movq, known[:512])
    unseen = batch(rng, 256, crop=False)
    print(f"{step} steps, PSNR {psnr(movq, unseen, quantize=False):.1f} dB, {psnr(movq, unseen, quantize=True):.1f} "
          f"through the codebook; folding changed it from {before:.2f} to {psnr(movq, known[:128], False):.2f}")
    movq.save_pretrained(args.work / "movq")


if __name__ == "__main__":
    main()
