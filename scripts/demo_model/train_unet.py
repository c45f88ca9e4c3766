"""Trains the demo model's UNet on cached latents, with the text encoder frozen.

Resumable: a checkpoint is written every few minutes and on SIGTERM, and the
same command goes on from it, with any number of workers.  Each worker is a
process with one thread, which on a CPU is quicker than one process with many.
"""

from __future__ import annotations

import argparse
import copy
import os
import random
import signal
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextModel, CLIPTokenizer

import world
from judge import judge
from make_tokenizer import CaptionEncoder
from muon import Muon
from sampling import make_pictures, new_scheduler

CHUNKS, CHUNK = 24, 2500  # scenes whose latents are kept
OBJECT_WEIGHT = 4.0  # loss weight of latent cells with an object against the others


def new_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, block_out_channels=(64, 96, 96), layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn", cross_attention_dim=128, attention_head_dim=4,
        norm_num_groups=16,
    )


def cache_latents(work: Path, vae: AutoencoderKL, rank: int, workers: int) -> None:
    """Writes this worker's share of the chunks of latents and object masks."""
    (work / "latents").mkdir(exist_ok=True)
    for chunk in range(rank, CHUNKS, workers):
        path = work / "latents" / f"{chunk:02d}.pt"
        if path.exists():
            continue
        latents, masks = [], []
        scenes, rng = chunk_scenes(chunk), random.Random(chunk)
        for first in range(0, CHUNK, 50):
            pictures, mask = world.render(scenes[first:first + 50], rng)
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                latents.append(vae.encode(pictures * 2 - 1).latent_dist.mode().float())
            masks.append(F.max_pool2d(mask, 6, 4, 1)[:, 0] > 0.1)
        part = path.with_suffix(".part")
        torch.save((torch.cat(latents) * vae.config.scaling_factor, torch.cat(masks)), part)
        part.replace(path)


def chunk_scenes(chunk: int) -> list[world.Scene]:
    rng = random.Random(10_000 + chunk)
    return [world.training_scene(rng, 0.45) for _ in range(CHUNK)]


class Data:
    """The cached latents, with new captions for them at every use."""

    def __init__(self, work: Path, tokenizer: CLIPTokenizer) -> None:
        chunks = [torch.load(work / "latents" / f"{chunk:02d}.pt") for chunk in range(CHUNKS)]
        self.latents, self.masks = (torch.cat(parts) for parts in zip(*chunks))
        self.scenes = [scene for chunk in range(CHUNKS) for scene in chunk_scenes(chunk)]
        self.singles = [i for i, scene in enumerate(self.scenes) if len(scene.things) == 1]
        self.pairs = [i for i, scene in enumerate(self.scenes) if len(scene.things) == 2]
        self.encode = CaptionEncoder(tokenizer)

    def batch(self, rng: random.Random, count: int, pair_share: float):
        """Latents, loss weights and token ids; one caption in ten is empty."""
        rows = [rng.choice(self.pairs if rng.random() < pair_share else self.singles) for _ in range(count)]
        captions = ["" if rng.random() < 0.1 else world.caption(self.scenes[i], rng) for i in rows]
        weights = torch.where(self.masks[rows], OBJECT_WEIGHT, 1.0)
        weights = weights / weights.mean((1, 2), keepdim=True)
        return self.latents[rows], weights.unsqueeze(1), torch.tensor(self.encode(captions))


def draw_timesteps(rng: torch.Generator, count: int) -> torch.Tensor:
    """Stratified timesteps, thinned out below 200 where only fine detail is left to learn."""
    density = torch.where(torch.arange(1000) < 200, 0.4, 1.0)
    edges = density.cumsum(0) / density.sum()
    points = (torch.arange(count) + torch.rand(count, generator=rng)) / count
    return torch.searchsorted(edges, points).clamp(max=999)


def is_inner_matrix(name: str, parameter: torch.Tensor) -> bool:
    """The weights for Muon: all matrices but those next to the input and the output."""
    return parameter.dim() >= 2 and not name.startswith(("conv_in", "conv_out"))


class Trainer:
    """One worker; worker 0 also keeps the averaged weights, checkpoints and scores."""

    def __init__(self, rank: int, args: argparse.Namespace) -> None:
        self.rank, self.args = rank, args
        self.tokenizer = CLIPTokenizer.from_pretrained(args.work / "tokenizer")
        self.text = CLIPTextModel.from_pretrained(args.work / "text_encoder").eval().requires_grad_(False)
        self.vae = AutoencoderKL.from_pretrained(args.work / "vae").eval().requires_grad_(False)
        self.checkpoint = args.work / "unet.ckpt"
        torch.manual_seed(5)
        self.unet = new_unet()
        self.unet.set_attn_processor(AttnProcessor())  # its backward pass is quicker than the fused kernel's
        self.average = copy.deepcopy(self.unet).requires_grad_(False)
        self.parameters = list(self.unet.parameters())
        matrices = [p for name, p in self.unet.named_parameters() if is_inner_matrix(name, p)]
        others = [p for name, p in self.unet.named_parameters() if not is_inner_matrix(name, p)]
        self.optimizers = (
            Muon(matrices, lr=args.rate), torch.optim.AdamW(others, lr=args.rate, betas=(0.9, 0.99), fused=True)
        )
        self.steps = self.seen = 0
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint)
            self.unet.load_state_dict(state["unet"])
            self.average.load_state_dict(state["average"])
            for optimizer, saved in zip(self.optimizers, state["optimizers"]):
                optimizer.load_state_dict(saved)
            self.steps, self.seen = state["steps"], state["seen"]
        alphas = new_scheduler().alphas_cumprod
        self.signal, self.noise = alphas.sqrt().view(-1, 1, 1, 1), (1 - alphas).sqrt().view(-1, 1, 1, 1)

    def save(self) -> None:
        state = {
            "unet": self.unet.state_dict(), "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers], "steps": self.steps, "seen": self.seen,
        }
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def rate(self) -> float:
        """Warm-up, then constant, then a linear fall over the last 30 %."""
        left = max(0.0, 1 - self.seen / self.args.pictures)
        return self.args.rate * min(1.0, (self.steps + 1) / 200, max(left / 0.3, 0.01))

    def pair_share(self) -> float:
        """Single objects first, then more and more pairs."""
        return min(0.6, max(0.05, 2.5 * self.seen / self.args.pictures))

    def step(self, data: Data) -> float:
        args = self.args
        count = args.batch // args.workers
        seed = self.steps * 1009 + self.rank
        rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
        clean, weights, ids = data.batch(rng, count, self.pair_share())
        t = draw_timesteps(generator, count)
        noise = torch.randn(clean.shape, generator=generator)
        noisy = self.signal[t] * clean + self.noise[t] * noise
        wanted = self.signal[t] * noise - self.noise[t] * clean
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                context = self.text(input_ids=ids).last_hidden_state
            out = self.unet(noisy, t, context, return_dict=False)[0]
        loss = ((out.float() - wanted).square() * weights).mean()
        loss.backward()
        if args.workers > 1:
            flat = torch.cat([p.grad.flatten() for p in self.parameters])
            dist.all_reduce(flat)
            parts = (flat / args.workers).split([p.numel() for p in self.parameters])
            for parameter, part in zip(self.parameters, parts):
                parameter.grad = part.view_as(parameter)
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.rate()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        self.seen += args.batch
        if self.rank == 0:
            keep = min(0.999, (self.steps + 1) / (self.steps + 10))
            torch._foreach_lerp_(list(self.average.parameters()), self.parameters, 1 - keep)
        return loss.item()

    def score(self, count: int = 48) -> str:
        """Attributes right in scenes kept out of the training, one object and two."""
        rng = random.Random(77)
        report = []
        for name, share in (("one", 0.0), ("two", 1.0)):
            scenes = []
            while len(scenes) < count:
                scene = world.random_scene(rng, share)
                if scene.reserved and not scene.held_out:
                    scenes.append(scene)
            ids = CaptionEncoder(self.tokenizer)([world.caption(scene, rng) for scene in scenes] + [""])
            with torch.no_grad():
                contexts = self.text(input_ids=torch.tensor(ids)).last_hidden_state
            pictures = make_pictures(self.average, self.vae, contexts[:-1], contexts[-1:], 15, 4.0, seed=1)
            marks = [judge(picture, scene) for picture, scene in zip(pictures, scenes)]
            means = (f"{key} {sum(mark[key] for mark in marks) / count:.2f}" for key in marks[0])
            report.append(f"{name}: {' '.join(means)}")
        return "; ".join(report)

    def run(self) -> None:
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
        cache_latents(self.args.work, self.vae, self.rank, self.args.workers)
        if self.args.workers > 1:
            dist.barrier()
        data = Data(self.args.work, self.tokenizer)
        losses, started, first = [], time.time(), self.seen
        saved = time.time()
        next_score = self.seen + self.args.score_every
        while self.seen < self.args.pictures:
            losses.append(self.step(data))
            halt = torch.tensor([float(bool(stop))])
            if self.args.workers > 1:
                dist.all_reduce(halt)
            if halt.item():
                break
            if self.rank:
                continue
            if self.steps % 25 == 0:
                speed = (self.seen - first) / (time.time() - started)
                print(f"{time.strftime('%H:%M:%S')} seen {self.seen} loss {sum(losses) / len(losses):.4f} "
                      f"{speed:.0f}/s", flush=True)
                losses.clear()
            if time.time() - saved > 180:
                self.save()
                saved = time.time()
            if self.seen >= next_score:
                next_score += self.args.score_every
                print(f"  {self.score()}", flush=True)
        if self.rank == 0:
            self.save()
            print(f"  {self.score(128)}", flush=True)


def work(rank: int, args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    if args.workers > 1:
        store = f"file://{(args.work / 'rendezvous').resolve()}"
        dist.init_process_group("gloo", init_method=store, rank=rank, world_size=args.workers)
    Trainer(rank, args).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("build/demo-training"), help="scratch folder")
    parser.add_argument("--pictures", type=int, default=200_000, help="training pictures in all")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--workers", type=int, default=1, help="processes; the batch is divided among them")
    parser.add_argument("--score-every", type=int, default=40_000, help="pictures between scores")
    args = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if args.workers == 1:
        work(0, args)
        return
    (args.work / "rendezvous").unlink(missing_ok=True)
    workers = torch.multiprocessing.spawn(work, (args,), nprocs=args.workers, join=False)
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(pid, signal.SIGTERM) for pid in workers.pids()])
    while not workers.join():
        pass


if __name__ == "__main__":
    main()
