"""Trains the UNet of a demo model on latents, with the text encoder frozen.

What is learnt is up to the task (`tasks.py`).  Resumable: a checkpoint is
written every few minutes and on SIGTERM, and the same command goes on from it,
with any number of workers.  Each worker is a process with one thread, which on
a CPU is quicker than one process with many.
"""

from __future__ import annotations

import argparse
import copy
import datetime
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import torch
import torch.distributed as dist
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextModel, CLIPTokenizer

from cases import print_means
from make_tokenizer import CaptionEncoder
from muon import Muon
from sampling import make_pictures, new_scheduler
from tasks import TASKS, Batch


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

    tasks = TASKS
    folder = Path("build/demo-training")
    attention = AttnProcessor

    def __init__(self, rank: int, args: argparse.Namespace) -> None:
        self.rank, self.args = rank, args
        self.task = self.tasks[args.task](args.work, args.base)
        self.load_text()
        self.checkpoint = args.work / f"{args.task}.ckpt"
        torch.manual_seed(5)
        self.unet = self.task.new_unet()
        self.unet.set_attn_processor(self.attention())  # its backward pass is quicker than the fused kernel's
        self.average = copy.deepcopy(self.unet).requires_grad_(False)
        named = [(name, p) for name, p in self.unet.named_parameters() if p.requires_grad]
        self.parameters = [p for _, p in named]
        self.averaged = [p for p, own in zip(self.average.parameters(), self.unet.parameters()) if own.requires_grad]
        matrices = [p for name, p in named if is_inner_matrix(name, p)]
        others = [p for name, p in named if not is_inner_matrix(name, p)]
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
        alphas = new_scheduler(self.task.betas, self.task.beta_schedule).alphas_cumprod
        self.signal, self.noise = alphas.sqrt().view(-1, 1, 1, 1), (1 - alphas).sqrt().view(-1, 1, 1, 1)

    def load_text(self) -> None:
        parts = self.task.parts()
        self.encode = CaptionEncoder(CLIPTokenizer.from_pretrained(parts / "tokenizer"))
        self.text = CLIPTextModel.from_pretrained(parts / "text_encoder", dtype=torch.float32)
        self.text.eval().requires_grad_(False)

    def save(self) -> None:
        state = {
            "unet": self.unet.state_dict(), "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "steps": self.steps, "seen": self.seen,
        }
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def rate(self) -> float:
        """Warm-up, then constant, then a linear fall over the last 30 %."""
        left = max(0.0, 1 - self.seen / self.args.pictures)
        return self.args.rate * min(1.0, (self.steps + 1) / self.task.warm_up, max(left / 0.3, 0.01))

    def context(self, captions: list[str]) -> torch.Tensor:
        with torch.no_grad():
            return self.text(input_ids=torch.tensor(self.encode(captions))).last_hidden_state

    def predict(self, noisy: torch.Tensor, t: torch.Tensor, batch: Batch) -> torch.Tensor:
        inputs = noisy if batch.extra is None else torch.cat((noisy, batch.extra), 1)
        context = self.context(batch.captions)
        return self.unet(inputs, t, context, class_labels=batch.labels, return_dict=False)[0]

    def step(self) -> float:
        args = self.args
        seed = self.steps * 1009 + self.rank
        rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
        batch = self.task.batch(rng, generator, args.batch // args.workers, self.seen / args.pictures)
        clean = batch.latents
        t = draw_timesteps(generator, len(clean))
        noise = torch.randn(clean.shape, generator=generator)
        noisy = self.signal[t] * clean + self.noise[t] * noise
        wanted = self.signal[t] * noise - self.noise[t] * clean
        with torch.autocast("cpu", torch.bfloat16):
            out = self.predict(noisy, t, batch)
        loss = ((out.float() - wanted).square() * batch.weights).mean()
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
            torch._foreach_lerp_(self.averaged, self.parameters, 1 - keep)
        return loss.item()

    def score(self, count: int) -> None:
        """Prints the marks of pictures that the averaged weights make for cases kept out of the training."""
        chosen = self.task.make_cases(count, 77)
        contexts, empty = self.context([case.prompt for case in chosen]), self.context([""])
        pictures = make_pictures(
            self.average, self.task.vae, contexts, empty, 15, self.args.guidance, seed=1, betas=self.task.betas,
            **self.task.condition(chosen),
        )
        marks = [self.task.marks(case, picture) for case, picture in zip(chosen, pictures)]
        print_means([case.group for case in chosen], marks)
        sys.stdout.flush()

    def run(self) -> None:
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
        args = self.args
        self.task.prepare(self.rank, args.workers)
        if args.workers > 1:
            dist.barrier()
        losses, started, first = [], time.time(), self.seen
        saved = time.time()
        next_score = self.seen + args.score_every
        while self.seen < args.pictures:
            losses.append(self.step())
            halt = torch.tensor([float(bool(stop))])
            if args.workers > 1:
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
                next_score += args.score_every
                self.score(args.score_cases)
        if self.rank == 0:
            self.save()
            if self.seen >= args.pictures:
                self.score(4 * args.score_cases)


def work(trainer: type[Trainer], rank: int, args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    if args.workers > 1:
        store = f"file://{rendezvous(args).resolve()}"
        # However long the workers are paused, they go on.
        dist.init_process_group("gloo", init_method=store, rank=rank, world_size=args.workers,
                                timeout=datetime.timedelta(days=1))
    trainer(rank, args).run()


def rendezvous(args: argparse.Namespace) -> Path:
    return args.work / f"{args.task}.rendezvous"


def main(trainer: type[Trainer] = Trainer) -> None:
    tasks = trainer.tasks
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=tasks, nargs="?", default=next(iter(tasks)))
    parser.add_argument("--work", type=Path, default=trainer.folder, help="scratch folder")
    parser.add_argument("--base", type=Path, default=Path("models/demo"), help="what tasks but txt2img go on from")
    parser.add_argument("--pictures", type=int, help="training pictures in all")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float, help="highest learning rate")
    parser.add_argument("--workers", type=int, default=1, help="processes; the batch is divided among them")
    parser.add_argument("--score-every", type=int, default=20_000, help="pictures between scores")
    parser.add_argument("--score-cases", type=int, default=48, help="pictures made to score, four times as many at the end")
    parser.add_argument("--guidance", type=float, default=4.0, help="of the pictures made to score")
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)  # the worker's number, for the workers themselves
    args = parser.parse_args()
    task = tasks[args.task]
    args.pictures = args.pictures or task.pictures
    args.batch = args.batch or task.batch_size
    args.rate = args.rate or task.rate
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    args.work.mkdir(parents=True, exist_ok=True)
    if args.workers == 1 or args.rank is not None:
        work(trainer, args.rank or 0, args)
        return
    rendezvous(args).unlink(missing_ok=True)
    workers = [
        subprocess.Popen([sys.executable, *sys.argv, "--rank", str(rank)]) for rank in range(args.workers)
    ]
    signal.signal(signal.SIGTERM, lambda *_: [worker.terminate() for worker in workers])
    sys.exit(max(abs(worker.wait()) for worker in workers))


if __name__ == "__main__":
    main()
