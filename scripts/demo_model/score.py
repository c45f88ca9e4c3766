"""Scores a demo model: does each prompt become its picture?

The prompts come from a seed and were never trained on: scenes kept out of the
training, with known shape-colour pairs and with held-out ones, of one object
and of two.  The velatura binary makes the pictures (or diffusers, in this
process), and `judge.py` reads shape, colour, place and background from the PNGs.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import world
from judge import judge

GROUPS = (  # name, objects, held-out pairs
    ("one object", 1, False),
    ("two objects", 2, False),
    ("one object, held-out pair", 1, True),
    ("two objects, held-out pair", 2, True),
)
ATTRIBUTES = ("shape", "colour", "place", "background")


def prompts(count: int, seed: int) -> list[tuple[str, world.Scene, str]]:
    """`count` (group, scene, caption) for each group, the same for the same seed."""
    rng = random.Random(seed)
    out = []
    for name, objects, held_out in GROUPS:
        chosen: set[world.Scene] = set()
        while len(chosen) < count:
            scene = world.random_scene(rng, float(objects - 1))
            if scene in chosen or scene.held_out != held_out or not (held_out or scene.reserved):
                continue
            chosen.add(scene)
            out.append((name, scene, world.caption(scene, rng)))
    return out


def true_renders(cases) -> list[np.ndarray]:
    """The scenes as the world draws them: what the judge itself is worth."""
    pictures, _ = world.render([scene for _, scene, _ in cases], random.Random(0))
    return list((pictures * 255).round().byte().permute(0, 2, 3, 1).numpy())


def by_diffusers(cases, args) -> list[np.ndarray]:
    from diffusers import StableDiffusionPipeline

    torch.set_num_threads(args.jobs)
    pipe = StableDiffusionPipeline.from_pretrained(args.model, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    pictures = []
    for first in range(0, len(cases), 32):
        part = cases[first:first + 32]
        pictures += pipe(
            [caption for _, _, caption in part], num_inference_steps=args.steps, guidance_scale=args.guidance,
            generator=[torch.Generator().manual_seed(args.seed + first + i) for i in range(len(part))],
        ).images
    return [np.asarray(picture) for picture in pictures]


def by_binary(cases, args) -> list[np.ndarray]:
    """One call a prompt; the PNGs stay in the output folder."""

    def make(i: int) -> np.ndarray:
        path = args.out / f"{i:04d}.png"
        command = [
            args.binary, "txt2img", cases[i][2], "-m", args.model, "--seed", args.seed + i, "--steps", args.steps,
            "-g", args.guidance, "-o", path,
        ]
        if args.sampler:
            command += ["--sampler", args.sampler]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(str(part) for part in command)}\n{done.stderr}")
        return np.asarray(Image.open(path).convert("RGB"))

    with ThreadPoolExecutor(args.jobs) as pool:
        return list(pool.map(make, range(len(cases))))


def report(cases, pictures: list[np.ndarray]) -> None:
    """Prints the shares that are right, a line a group."""
    columns = (*ATTRIBUTES, "mean", "count", "all right")
    print(f"{'':28}{'n':>5}" + "".join(f"{column:>12}" for column in columns))
    rows: dict[str, list[list[float]]] = {}
    for (group, scene, caption), picture in zip(cases, pictures):
        marks = judge(picture, scene)
        if not world.names_place(scene, caption):
            marks["place"] = float("nan")  # not asked for, so it does not count
        values = [marks[name] for name in ATTRIBUTES]
        row = [*values, float(np.nanmean(values)), marks["count"], marks["all"]]
        kind = "held-out pairs" if scene.held_out else "known pairs"
        for name in (group, f"ALL, {kind}"):
            rows.setdefault(name, []).append(row)
    for name in (*(group[0] for group in GROUPS), "ALL, known pairs", "ALL, held-out pairs"):
        means = np.nanmean(np.array(rows[name]), axis=0)
        print(f"{name:28}{len(rows[name]):5}" + "".join(f"{mean:12.3f}" for mean in means))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("models/demo"))
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--binary", type=Path, default=Path("build/release/velatura"))
    how.add_argument("--diffusers", action="store_true", help="make the pictures with diffusers instead")
    how.add_argument("--self-check", action="store_true", help="judge true renders instead of made pictures")
    parser.add_argument("--count", type=int, default=128, help="prompts in each of the four groups")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--sampler", help="velatura's sampler; the model's own by default")
    parser.add_argument("--seed", type=int, default=1000, help="of the prompts and of the first picture")
    parser.add_argument("--jobs", type=int, default=1, help="calls of the binary at a time, or threads of diffusers")
    parser.add_argument("--out", type=Path, default=Path("build/demo-score"), help="folder for the PNGs")
    args = parser.parse_args()

    cases = prompts(args.count, args.seed)
    if args.self_check:
        pictures = true_renders(cases)
    else:
        args.out.mkdir(parents=True, exist_ok=True)
        pictures = by_diffusers(cases, args) if args.diffusers else by_binary(cases, args)
        for i, picture in enumerate(pictures):
            if args.diffusers:
                Image.fromarray(picture).save(args.out / f"{i:04d}.png")
        lines = [f"{i:04d}.png\t{group}\t{caption}" for i, (group, _, caption) in enumerate(cases)]
        (args.out / "prompts.tsv").write_text("\n".join(lines) + "\n")
    report(cases, pictures)


if __name__ == "__main__":
    main()
