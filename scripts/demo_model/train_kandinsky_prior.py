"""Trains the prior of Kandinsky's demo model: from a text to the vector of a picture that it describes.

It learns to take the noise off vectors, as `kandinsky_vectors.py` lays them
out, with its text encoder frozen; what it is worth is read from vectors that
it makes in 25 steps with guidance, as Kandinsky's pipelines do.
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from pathlib import Path

import torch
from diffusers import PriorTransformer, UnCLIPScheduler
from transformers import CLIPTextModelWithProjection, CLIPTokenizer

import kandinsky_parts as parts
import world
from kandinsky_vectors import WIDTH, hint_vector, print_marks, scene_vector
from make_tokenizer import LENGTH, CaptionEncoder
from muon import Muon
from training import late_decline, take_step

RATE = 2e-3
BATCH = 256
NO_TEXT = 0.12  # share of empty texts
PAIRS = 0.6  # share of scenes with two things
HINTS = 0.3  # share of texts that name a few attributes only
KNOWN = 24_000  # texts, encoded once
SPREAD = 0.15  # deviation of what is learnt around the scenes' vectors
RANGE = 5.0  # of a vector's numbers


def new_scheduler() -> UnCLIPScheduler:
    return UnCLIPScheduler(variance_type="fixed_small_log", clip_sample_range=RANGE, prediction_type="sample")


class PriorTexts:
    """What the frozen text encoder makes of texts: hidden states, vector and mask."""

    def __init__(self, work: Path) -> None:
        self.encode = CaptionEncoder(CLIPTokenizer.from_pretrained(work / "prior_tokenizer"))
        self.model = CLIPTextModelWithProjection.from_pretrained(work / "prior_text_encoder", dtype=torch.float32)
        self.model.eval().requires_grad_(False)

    @torch.no_grad()
    def __call__(self, texts: list[str]) -> dict[str, torch.Tensor]:
        rows = self.encode(texts)
        ids = torch.tensor(rows)
        end = self.model.config.eos_token_id
        lengths = torch.tensor([row.index(end) + 1 for row in rows])
        out = self.model(input_ids=ids)
        return {
            "proj_embedding": out.text_embeds.float(), "encoder_hidden_states": out.last_hidden_state.float(),
            "attention_mask": torch.arange(LENGTH) < lengths.unsqueeze(1),
        }


@torch.no_grad()
def imagine(prior: PriorTransformer, texts: PriorTexts, wanted: list[str], guidance: float = 4.0, steps: int = 25,
            seed: int = 5) -> torch.Tensor:
    """The vectors (B, WIDTH) of texts, as KandinskyPriorPipeline makes them."""
    generator = torch.Generator().manual_seed(seed)
    scheduler = new_scheduler()
    scheduler.set_timesteps(steps)
    told = texts(["" for _ in wanted] + wanted)
    x = torch.randn(len(wanted), WIDTH, generator=generator)
    for i, t in enumerate(scheduler.timesteps):
        out = prior(torch.cat((x, x)), timestep=t, **told).predicted_image_embedding.float()
        without, with_text = out.chunk(2)
        following = scheduler.timesteps[i + 1] if i + 1 < len(scheduler.timesteps) else None
        x = scheduler.step(
            without + guidance * (with_text - without), t, x, prev_timestep=following, generator=generator,
        ).prev_sample
    return prior.post_process_latents(x)


def score(prior: PriorTransformer, texts: PriorTexts, count: int) -> None:
    rng = random.Random(31)
    for title, wanted in (("reserved scenes", "reserved"), ("held-out pairs", "held_out")):
        scenes = [s for s in (world.random_scene(rng, 0.5) for _ in range(12 * count)) if getattr(s, wanted)][:count]
        truth = torch.stack([scene_vector(scene) for scene in scenes])
        for guidance in (1.0, 4.0):
            made = imagine(prior, texts, [parts.caption(scene, rng) for scene in scenes], guidance)
            error = (made - truth).square().mean().sqrt()
            print_marks(f"{title}, {guidance} ({error:.2f})", made, scenes)
    hints = [parts.hint(world.training_scene(rng, 0.2), rng) for _ in range(count)]
    truth = torch.stack([hint_vector(told) for told, _ in hints])
    made = imagine(prior, texts, [text for _, text in hints])
    alike = torch.nn.functional.cosine_similarity(made, truth).mean()
    print(f"a few attributes: {(made - truth).square().mean().sqrt():.2f} off, cosine {alike:.3f}", flush=True)


def known_texts(texts: PriorTexts, rng: random.Random) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Vectors of KNOWN texts, and what the text encoder makes of these and, behind them, of the empty one."""
    captions, vectors = [], []
    for _ in range(KNOWN):
        scene = world.training_scene(rng, PAIRS)
        if rng.random() < HINTS:
            told, text = parts.hint(scene, rng)
            vectors.append(hint_vector(told))
        else:
            text = parts.caption(scene, rng)
            vectors.append(scene_vector(scene))
        captions.append(text)
    captions.append("")
    encoded = [texts(captions[first:first + BATCH]) for first in range(0, len(captions), BATCH)]
    return torch.stack(vectors), {name: torch.cat([each[name] for each in encoded]) for name in encoded[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=parts.FOLDER, help="scratch folder")
    parser.add_argument("--minutes", type=float, default=11.0, help="processor time")
    parser.add_argument("--further", action="store_true", help="go on with the prior that is there")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(4)
    rng = random.Random(4)
    texts = PriorTexts(args.work)
    prior = (PriorTransformer.from_pretrained(args.work / "prior", dtype=torch.float32) if args.further
             else parts.new_prior())
    vectors, known = known_texts(texts, rng)
    alphas = new_scheduler().alphas_cumprod
    signal, noise = alphas.sqrt().unsqueeze(1), (1 - alphas).sqrt().unsqueeze(1)
    prior.clip_mean.requires_grad_(False).zero_()
    prior.clip_std.requires_grad_(False).fill_(1.0)
    average = copy.deepcopy(prior).requires_grad_(False)
    named = [(name, p) for name, p in prior.named_parameters() if p.requires_grad]
    inner = [p for name, p in named if p.dim() == 2]
    others = [p for name, p in named if p.dim() != 2]
    optimizers = (Muon(inner, lr=RATE), torch.optim.AdamW(others, lr=RATE, betas=(0.9, 0.98)))

    began, step = time.process_time(), 0
    while (done := (time.process_time() - began) / (args.minutes * 60)) < 1:
        rows = torch.randint(0, KNOWN, (BATCH,))
        clean = vectors[rows] + SPREAD * torch.randn(BATCH, WIDTH)
        told_rows = torch.where(torch.rand(BATCH) < NO_TEXT, KNOWN, rows)
        told = {name: values[told_rows] for name, values in known.items()}
        t = ((torch.arange(BATCH) + torch.rand(BATCH)) * 1000 / BATCH).long().clamp(max=999)
        noisy = signal[t] * clean + noise[t] * torch.randn_like(clean)
        with torch.autocast("cpu", torch.bfloat16):
            out = prior(noisy, timestep=t, **told).predicted_image_embedding
        weight = 1 / (SPREAD**2 + (noise[t] / signal[t].clamp(min=1e-3)).square()).clamp(min=0.05, max=20).sqrt()
        loss = ((out.float() - clean).square() * weight / weight.mean()).mean()
        take_step(loss, prior.parameters(), optimizers, RATE * late_decline(step, done))
        step += 1
        keep = min(0.998, (step + 1) / (step + 10))
        for mean, own in zip(average.parameters(), prior.parameters()):
            mean.lerp_(own.detach(), 1 - keep)
        if step % 100 == 0:
            print(f"{done:5.1%} step {step} loss {loss.item():.4f}", flush=True)
        if step % 1000 == 0:
            score(average, texts, 64)
    average.eval()
    score(average, texts, 512)
    average.save_pretrained(args.work / "prior")


if __name__ == "__main__":
    main()
