"""Scores the demo model's adapters on scenes never trained on, with and without them, and draws a sheet.

  outlines   share of pictures whose thing is hollow, and of the right colour and background
  teal       share of pictures whose thing is teal rather than any colour of the palette
  edges      overlap with the things whose edges were given (intersection over union)
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import cases
import judge
import world
from train_adapters import TEAL, loose_scenes

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = dict(steps=20, guidance_scale=4)


def unseen(count: int, seed: int) -> list[world.Scene]:
    rng = random.Random(seed)
    return [cases.unseen_scene(rng, 0.0, held_out=i % 2 == 1) for i in range(count)]


def make(program: Path, jobs: list[dict], folder: Path) -> list[np.ndarray]:
    folder.mkdir(parents=True)
    lines = [json.dumps(SETTINGS | dict(seed=100 + i, output=f"{i:03}.png") | job) for i, job in enumerate(jobs)]
    (folder / "jobs.jsonl").write_text("\n".join(lines))
    subprocess.run([program, "batch", "jobs.jsonl", "--batch-size", "8", "-m",
                    ROOT / "models/demo", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return [np.asarray(Image.open(folder / f"{i:03}.png")) for i in range(len(jobs))]


def hollow(picture: np.ndarray, scene: world.Scene) -> float:
    """Whether the thing's inside is the background, its rim has the colour, and the background is right."""
    picture = picture.astype(np.float32) / 255
    border = np.ones(picture.shape[:2], bool)
    border[2:-2, 2:-2] = False
    background = judge.nearest_background(picture, border)
    mask = judge.object_mask(picture, background)
    if world.BACKGROUNDS[background] != scene.background or mask.sum() < 20:
        return 0.0
    ys, xs = np.nonzero(mask)
    box = mask[ys.min():ys.max() + 1, xs.min():xs.max() + 1]
    return float(box.mean() < 0.45 and judge.nearest_colour(picture[mask]) == scene.things[0].colour)


def is_teal(picture: np.ndarray, _: world.Scene) -> float:
    picture = picture.astype(np.float32) / 255
    border = np.ones(picture.shape[:2], bool)
    border[2:-2, 2:-2] = False
    mask = judge.object_mask(picture, judge.nearest_background(picture, border))
    if mask.sum() < 20:
        return 0.0
    tone = np.median(picture[mask], axis=0)
    palette = np.array([TEAL, *world.COLOURS.values()], np.float32) / 255
    return float(np.abs(palette - tone).sum(1).argmin() == 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapters", type=Path, default=ROOT / "models/demo-adapters")
    parser.add_argument("--velatura", type=Path, default=ROOT / "build/release/velatura")
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--sheet", type=Path, help="a picture of some of them")
    args = parser.parse_args()
    scenes, rng = unseen(args.count, 91), random.Random(92)
    captions = [world.caption(scene, rng) for scene in scenes]
    sheet = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)

        def both(label: str, plain: list[dict], adapted: list[dict], marks) -> None:
            rows = []
            for kind, jobs in (("without", plain), ("with", adapted)):
                pictures = make(args.velatura, jobs, scratch / f"{label}-{kind}")
                rows.append(pictures)
                print(f"| {label} | {kind} | {np.mean([marks(p, i) for i, p in enumerate(pictures)]):.3f} |", flush=True)
            sheet.extend(rows)

        print("| adapter | | score |\n|---|---|---|")
        plain = [dict(prompt=caption) for caption in captions]
        both("outlines", plain, [job | dict(lora=[str(args.adapters / "outlines.safetensors")]) for job in plain],
             lambda picture, i: hollow(picture, scenes[i]))
        words = [caption.replace(scene.things[0].colour, "teal") for caption, scene in zip(captions, scenes)]
        plain = [dict(prompt=words_) for words_ in words]
        both("teal", plain, [dict(prompt=words_.replace("teal", "<teal>"),
                                  embedding=["<teal>=" + str(args.adapters / "teal.safetensors")]) for words_ in words],
             lambda picture, i: is_teal(picture, scenes[i]))
        rng = random.Random(93)
        loose, layout = loose_scenes(rng, args.count)
        given, alphas = world.draw([cases._recoloured(scene, rng) for scene in loose], layout)
        truth, hints = alphas.sum(1).numpy() > 0.5, cases.to_bytes(given)
        for i, hint in enumerate(hints):
            Image.fromarray(hint).save(scratch / f"hint{i}.png")
        plain = [dict(prompt=world.caption(scene, rng)) for scene in loose]

        def overlap(picture: np.ndarray, i: int) -> float:
            background = world.BACKGROUNDS.index(loose[i].background)
            mask = judge.object_mask(picture.astype(np.float32) / 255, background)
            return float((mask & truth[i]).sum() / max(1, (mask | truth[i]).sum()))

        both("edges", plain, [job | dict(control=[str(args.adapters / "edges")],
                                         control_image=[str(scratch / f"hint{i}.png")],
                                         control_preprocess=["canny:300:400"]) for i, job in enumerate(plain)], overlap)
        if args.sheet:
            rows = [*sheet[:4], hints, *sheet[4:]]
            picture = np.concatenate([np.concatenate(list(row[:8]), 1) for row in rows], 0)
            Image.fromarray(picture).save(args.sheet)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
