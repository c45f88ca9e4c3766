"""Scores a demo model: does each input become the picture it should?

The cases come from a seed and were never trained on (`cases.py`).  The velatura
binary makes the pictures, or diffusers in this process, and the marks come from
the PNGs alone.

  txt2img    shape, colour, place and background that the prompt names
  img2img    at strength 0.3 the input's layout in the prompt's colours, at 0.9 what the prompt names
  inpaint    what the prompt names, and that nothing outside the mask changed
  depth2img  colours and background of the prompt, silhouettes of the depth map
  upscale    PSNR against a large render, beside Pillow's bicubic enlargement
  kandinsky  as txt2img, for the same scenes in English and in Russian
  variations what the picture that goes in shows, made by Kandinsky's demo model
  mix        one attribute of a text (colour, shape or background), the others of a picture, half and half
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import diffusers
import numpy as np
import torch
from PIL import Image

import cases
import world
import world_ru
from cases import Case, print_means

GROUPS = (  # name, objects, held-out pairs
    ("one object", 1, False),
    ("two objects", 2, False),
    ("one object, held-out pair", 1, True),
    ("two objects, held-out pair", 2, True),
)


@dataclass(frozen=True)
class Run:
    """One table of marks."""

    model: str
    pipeline: str
    make_cases: cases.CaseMaker
    marks: cases.Marker
    guidance: float = 4.0
    strength: float | None = None
    noise_level: int | None = None
    hint: str = "mask"  # name of velatura's option for the second input
    command: str | None = None  # velatura's, where it is not the task's name
    title: str | None = None  # what sets it apart from the task's other tables
    mixes: bool = False  # the picture that goes in with the prompt, half and half


def prompts(count: int, seed: int) -> list[Case]:
    """A quarter of `count` for each group, the same for the same seed."""
    rng = random.Random(seed)
    out = []
    for name, objects, held_out in GROUPS:
        chosen: set[world.Scene] = set()
        while len(chosen) < count // len(GROUPS):
            scene = cases.unseen_scene(rng, float(objects - 1), held_out)
            if scene in chosen:
                continue
            chosen.add(scene)
            out.append(Case(name, world.caption(scene, rng), scene))
    return out


def russian_prompts(count: int, seed: int) -> list[Case]:
    rng = random.Random(seed)
    return [replace(case, prompt=world_ru.caption(case.scene, rng)) for case in prompts(count, seed)]


def prompt_marks(case: Case, picture: np.ndarray) -> dict[str, float]:
    marks = cases.scene_marks(case, picture)
    if not any(language.names_place(case.scene, case.prompt) for language in (world, world_ru)):
        marks["place"] = float("nan")  # not asked for, so it does not count
    asked = [marks[name] for name in ("shape", "colour", "place", "background")]
    return {**marks, "mean": float(np.nanmean(asked))}


RUNS = {
    "txt2img": (Run("demo", "StableDiffusionPipeline", prompts, prompt_marks),),
    "img2img": (
        Run("demo", "StableDiffusionImg2ImgPipeline", cases.recolour_cases, cases.recolour_marks, strength=0.3),
        Run("demo", "StableDiffusionImg2ImgPipeline", cases.replace_cases, prompt_marks, strength=0.9),
    ),
    "inpaint": (Run("demo-inpaint", "StableDiffusionInpaintPipeline", cases.inpaint_cases, cases.inpaint_marks),),
    "depth2img": (Run(
        "demo-depth", "StableDiffusionDepth2ImgPipeline", cases.depth_cases, cases.depth_marks, strength=1.0,
        hint="depth-map",
    ),),
    "upscale": (Run(
        "demo-upscale", "StableDiffusionUpscalePipeline", cases.upscale_cases, cases.upscale_marks, 9.0, noise_level=20,
    ),),
    "kandinsky": (
        Run("demo-kandinsky", "KandinskyPipeline", prompts, prompt_marks, command="txt2img", title="English"),
        Run("demo-kandinsky", "KandinskyPipeline", russian_prompts, prompt_marks, command="txt2img", title="Russian"),
    ),
    "variations": (Run("demo-kandinsky", "KandinskyPipeline", cases.variation_cases, cases.scene_marks),),
    "mix": (Run(
        "demo-kandinsky", "KandinskyPipeline", cases.mix_cases, cases.scene_marks, command="txt2img", mixes=True,
    ),),
}


def true_renders(chosen: list[Case]) -> list[np.ndarray]:
    """The scenes as the world draws them: what the judge itself is worth."""
    pictures, _ = world.render([case.scene for case in chosen], random.Random(0))
    return list(cases.to_bytes(pictures))


def by_diffusers_with_prior(chosen: list[Case], run: Run, args: argparse.Namespace) -> list[np.ndarray]:
    torch.set_num_threads(args.jobs)
    prior = diffusers.KandinskyPriorPipeline.from_pretrained(f"{args.model}-prior", dtype=torch.float32)
    pipe = getattr(diffusers, run.pipeline).from_pretrained(args.model, dtype=torch.float32)
    for each in (prior, pipe):
        each.set_progress_bar_config(disable=True)
    pictures = []
    for i, case in enumerate(chosen):
        generator = torch.Generator().manual_seed(args.seed + i)
        image = None if case.image is None else Image.fromarray(case.image)
        if run.mixes:
            out = prior.interpolate([image, case.prompt], [0.5, 0.5], generator=generator)
            wanted, negative = out.image_embeds, out.negative_image_embeds
        elif image:
            pixels = prior.image_processor(image, return_tensors="pt").pixel_values
            wanted, negative = prior.image_encoder(pixels)["image_embeds"], prior.get_zero_embed()
        else:
            wanted, negative = prior(case.prompt, generator=generator).to_tuple()
        made = pipe(
            "" if image else case.prompt, wanted, negative, height=world.SIZE, width=world.SIZE, generator=generator,
            num_inference_steps=args.steps, guidance_scale=args.guidance,
        ).images[0]
        made.save(args.out / f"{i:04d}.png")
        pictures.append(np.asarray(made))
    return pictures


def by_diffusers(chosen: list[Case], run: Run, args: argparse.Namespace) -> list[np.ndarray]:
    if run.pipeline == "KandinskyPipeline":
        return by_diffusers_with_prior(chosen, run, args)
    torch.set_num_threads(args.jobs)
    # What is given as None must be named: only some pipelines may lack it.
    absent = {"depth_estimator": None, "feature_extractor": None} if run.hint == "depth-map" else {}
    pipe = getattr(diffusers, run.pipeline).from_pretrained(args.model, dtype=torch.float32, **absent)
    pipe.set_progress_bar_config(disable=True)
    pictures = []
    at_once = 32 if run.noise_level is None else 4
    for first in range(0, len(chosen), at_once):
        part = chosen[first:first + at_once]
        given = {}
        if part[0].image is not None:
            given["image"] = [Image.fromarray(case.image) for case in part]
        if part[0].hint is not None:
            if run.hint == "mask":
                given["mask_image"] = [Image.fromarray(case.hint) for case in part]
            else:
                given["depth_map"] = torch.from_numpy(np.stack([case.hint for case in part])).float()
        for name, value in (("strength", run.strength), ("noise_level", run.noise_level)):
            if value is not None:
                given[name] = value
        made = pipe(
            [case.prompt for case in part], num_inference_steps=args.steps, guidance_scale=args.guidance,
            generator=[torch.Generator().manual_seed(args.seed + first + i) for i in range(len(part))], **given,
        ).images
        for case, picture in zip(part, map(np.asarray, made)):
            if "mask_image" in given:  # which velatura does by itself
                picture = np.where(case.hint[..., None] >= 128, picture, case.image)
            pictures.append(picture)
    for i, picture in enumerate(pictures):
        Image.fromarray(picture).save(args.out / f"{i:04d}.png")
    return pictures


def by_binary(chosen: list[Case], run: Run, args: argparse.Namespace) -> list[np.ndarray]:
    """One call a case; the PNGs stay in the output folder."""

    def make(i: int) -> np.ndarray:
        path = args.out / f"{i:04d}.png"
        command = [
            args.binary, run.command or args.task, "-m", args.model, "--seed", args.seed + i, "--steps", args.steps,
            "-g", args.guidance, "-o", path,
        ]
        image = args.out / "inputs" / f"{i:04d}-image.png"
        if run.mixes:
            command += ["--mix", f"{image}:0.5", "--mix", f"{chosen[i].prompt}:0.5"]
        else:
            command += [chosen[i].prompt] if chosen[i].prompt else []
            command += ["--image", image] if chosen[i].image is not None else []
        if chosen[i].hint is not None:
            command += [f"--{run.hint}", args.out / "inputs" / f"{i:04d}-hint.png"]
        for name, value in (
            ("strength", run.strength), ("noise-level", run.noise_level), ("sampler", args.sampler)
        ):
            if value is not None:
                command += [f"--{name}", value]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(str(part) for part in command)}\n{done.stderr}")
        return np.asarray(Image.open(path).convert("RGB"))

    with ThreadPoolExecutor(args.jobs) as pool:
        return list(pool.map(make, range(len(chosen))))


def save_inputs(chosen: list[Case], out: Path) -> None:
    """The prompts as a table, and the pictures that go in."""
    (out / "inputs").mkdir(parents=True, exist_ok=True)
    for i, case in enumerate(chosen):
        for name, picture in (("image", case.image), ("hint", case.hint)):
            if picture is not None:
                Image.fromarray(picture).save(out / "inputs" / f"{i:04d}-{name}.png")
    lines = [f"{i:04d}.png\t{case.group}\t{case.prompt}" for i, case in enumerate(chosen)]
    (out / "prompts.tsv").write_text("\n".join(lines) + "\n")


def score(run: Run, args: argparse.Namespace) -> None:
    chosen = run.make_cases(args.count, args.seed)
    args.model = args.model or Path("models") / run.model
    args.guidance = run.guidance if args.guidance is None else args.guidance
    if args.self_check:
        pictures = true_renders(chosen)
    else:
        part = run.title or run.strength
        args.out = args.out / (args.task if part is None else f"{args.task}-{part}")
        save_inputs(chosen, args.out)
        pictures = (by_diffusers if args.diffusers else by_binary)(chosen, run, args)
    print(f"{args.task}{f' at strength {run.strength}' if run.strength is not None else ''}"
          f"{f', {run.title}' if run.title else ''}")
    marks = [run.marks(case, picture) for case, picture in zip(chosen, pictures)]
    print_means([case.group for case in chosen], marks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=RUNS, nargs="?", default="txt2img")
    parser.add_argument("--model", type=Path, help="the task's own demo model by default")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--binary", type=Path, default=Path("build/release/velatura"))
    how.add_argument("--diffusers", action="store_true", help="make the pictures with diffusers instead")
    how.add_argument("--self-check", action="store_true", help="judge true renders of the prompts instead")
    parser.add_argument("--count", type=int, default=256, help="cases in all")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--guidance", type=float, help="4 by default, 9 for upscale")
    parser.add_argument("--sampler", help="velatura's sampler; the model's own by default")
    parser.add_argument("--seed", type=int, default=1000, help="of the cases and of the first picture")
    parser.add_argument("--jobs", type=int, default=1, help="calls of the binary at a time, or threads of diffusers")
    parser.add_argument("--out", type=Path, default=Path("build/demo-score"), help="folder for the PNGs")
    args = parser.parse_args()
    for run in RUNS[args.task]:
        score(run, argparse.Namespace(**vars(args)))


if __name__ == "__main__":
    main()
