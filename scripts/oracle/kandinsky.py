"""Kandinsky 2.1 and 2.2 pipelines with random weights, and how velatura is asked for what diffusers does with them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from diffusers_tasks import Inputs, mask, picture
from kandinsky_tasks import FULL, Sizes, generate, prior_of, write_decoder, write_prior
SHAPES = {
    "small": Sizes(),
    # As the full-size ones: four levels, of which the first is without attention.
    "four levels": Sizes(channels=(8, 16, 16, 24), layers=2, head=4, movq=(32, 32, 64, 64), movq_layers=2,
                         prior=Sizes().prior | dict(num_layers=3), vector=24),
    "short texts": Sizes(tokens=24, vector=32, text=16, layers=3),
}
ODD_PICTURE = (150, 101)


def is_kandinsky(folder: Path) -> bool:
    return (folder / "decoder").is_dir()


def tiny(folder: Path, kind: str, shape: str = "small", task: str = "txt2img", **scheduler) -> None:
    write_decoder(folder / "decoder", kind, task, SHAPES[shape], **scheduler)
    write_prior(folder / "prior", prior_of(kind), SHAPES[shape])


def full(folder: Path, kind: str, dtype: str = "float32") -> None:
    """As published, but for the vocabularies' words."""
    torch.nn.init.kaiming_uniform_, kept = (lambda *a, **k: a[0]), torch.nn.init.kaiming_uniform_
    half = dtype == "float16"
    write_decoder(folder / "decoder", kind, sizes=FULL[kind], half=half)
    write_prior(folder / "prior", kind, FULL[kind], half)
    torch.nn.init.kaiming_uniform_ = kept


def inputs_of(case: dict) -> Inputs:
    if "image" not in case:
        return Inputs()
    size = case["image"]
    return Inputs(picture(*size, seed=5), mask(*size) if case["task"] == "inpaint" else None)


def ask_diffusers(folder: Path, case: dict) -> tuple[torch.Tensor, np.ndarray]:
    made = generate(folder / "decoder", folder / "prior", case, inputs_of(case))
    return made.latents, made.picture


def words_of(case: dict, out: Path) -> list:
    """velatura's options for what a case has beside those that are named as in velatura."""
    inputs, words = inputs_of(case), []
    if inputs.image is not None:
        inputs.image.save(out / "image.png")
        shown = case["task"] in ("img2img", "inpaint", "variations")
        words += ["--image", out / "image.png"] if shown else []
        words += ["--control-image", out / "image.png"] if case["kind"] == "control" else []
    if inputs.mask is not None:
        inputs.mask.save(out / "mask.png")
        words += ["--mask", out / "mask.png", "--no-paste"]
    for text, weight in case.get("mix", []):
        words += ["--mix", f"{out / 'image.png' if text is None else text}" + ("" if weight is None else f":{weight}")]
    if case["negative_prompt"] is not None and case["task"] != "variations":
        words += ["--negative-prompt", case["negative_prompt"]]
    for key in ("steps", "guidance_scale", "seed", "sampler", "strength", "prior_steps", "prior_guidance_scale"):
        if key in case:
            words += ["--" + key.replace("_", "-"), case[key]]
    return words + ["-W", case.get("width", 64), "-H", case.get("height", 64)]


def commands_of(program: Path, folder: Path, case: dict, out: Path) -> list[list]:
    """One, or two where what the prior has imagined goes through a file."""
    prompt = [case["prompt"]] if case["task"] != "variations" or case["kind"] == "2.1" else []
    command = [program, case["task"], *prompt, "-m", folder / "decoder", "-q", "--device", case["device"], "--dtype",
               "float32", "-o", out / "picture.png", "--latents-out", out / "latents.safetensors"]
    first = command + words_of(case, out)
    if not case.get("through_file"):
        return [first]
    vectors = out / "vectors.safetensors"
    drawn = case | dict(negative_prompt=None)
    for key in ("mix", "prior_steps", "prior_guidance_scale"):
        drawn.pop(key, None)
    return [first + ["--image-embeds-out", vectors], command + words_of(drawn, out) + ["--image-embeds-in", vectors]]


# Requests.
BASE = dict(negative_prompt=None, guidance_scale=4.0, steps=8, prompt="красный круг, a red circle")
TEXTS = {
    "defaults": {},
    "negative": dict(negative_prompt="синяя кошка"),
    "empty negative": dict(negative_prompt=""),
    "unguided": dict(guidance_scale=1.0),
    "unguided prior": dict(prior_guidance_scale=1.0, prior_steps=5),
    "unguided prior, negative": dict(prior_guidance_scale=0.5, prior_steps=7, negative_prompt="a dog"),
    "2 prior steps": dict(prior_steps=2, prior_guidance_scale=7.0),
    "seed": dict(seed=2**40 + 3, negative_prompt="white"),
    "long": dict(prompt="a red cat on the green star, красный круг " * 20),
    "no prompt": dict(prompt=""),
    "wide": dict(width=128, height=64),
}
MIXES = {
    "texts": dict(mix=[("a red cat", 0.3), ("синяя собака", 0.7)]),
    "text and picture": dict(mix=[("a red cat", 0.6), (None, 0.5)], image=ODD_PICTURE),
    "pictures alone": dict(mix=[(None, None)], image=(40, 70)),
    "equal shares": dict(mix=[("a cat", None), (None, 0.4), ("a dog", None)], image=ODD_PICTURE),
    "negative": dict(mix=[("a cat", 1.0), ("a star", 0.2)], negative_prompt="a blue dog"),
    "empty negative": dict(mix=[("a cat", None), ("a star", None)], negative_prompt=""),
}
IMAGE = dict(task="img2img", image=(64, 64), strength=0.6)
IMAGES = {
    "img2img": IMAGE,
    "little": IMAGE | dict(strength=0.3),
    "whole": IMAGE | dict(strength=1.0, negative_prompt="a dog"),
    "smaller": IMAGE | dict(image=ODD_PICTURE),
    "much smaller": IMAGE | dict(image=(333, 260)),
    "larger, wide": IMAGE | dict(image=(50, 41), width=128, height=64),
}
HOLE = dict(task="inpaint", image=(64, 64))
HOLES = {
    "inpaint": HOLE,
    "smaller": HOLE | dict(image=(197, 140)),
    "negative": HOLE | dict(negative_prompt="a dog", width=128),
    "unguided": HOLE | dict(guidance_scale=1.0),
}
SAMPLERS = ("ddim", "ddpm", "dpmpp_2m")


def each(task: dict) -> dict[str, dict]:
    return {sampler: task | dict(sampler=sampler) for sampler in SAMPLERS}


def kandinsky_rows() -> Iterator[tuple]:
    def cases(kind: str, requests: dict) -> dict:
        return {name: BASE | dict(kind=kind) | request for name, request in requests.items()}

    for kind in ("2.1", "2.2"):
        yield f"kandinsky {kind}", partial(tiny, kind=kind), cases(kind, TEXTS | each({}) | {
            f"img2img, {name}": request for name, request in (IMAGES | each(IMAGE)).items()
        } | {f"mix, {name}": request for name, request in MIXES.items()} | {
            "variations": dict(task="variations", image=ODD_PICTURE),
            "variations, high": dict(task="variations", image=(40, 77), guidance_scale=2.0),
            "through a file": dict(through_file=True, seed=5),
            "mix through a file": MIXES["negative"] | dict(through_file=True),
        })
        yield f"kandinsky {kind} inpaint", partial(tiny, kind=kind, task="inpaint"), cases(kind, HOLES | {
            f"inpaint, {name}": request for name, request in each(HOLE).items()} | {
            "inpaint, mix": HOLE | dict(mix=[("a cat", 0.5), (None, 0.5)])})
        for shape in ("four levels", "short texts"):
            yield f"kandinsky {kind}, {shape}", partial(tiny, kind=kind, shape=shape), cases(kind, {
                "defaults": {}, "negative": dict(negative_prompt="a dog"), "img2img": IMAGE,
                "mix": MIXES["equal shares"]})
    yield "kandinsky 2.2, clipped", partial(tiny, kind="2.2", clip_sample=True, clip_sample_range=2.0), cases(
        "2.2", {"defaults": {}, "img2img": IMAGE})
    yield "kandinsky 2.2 control", partial(tiny, kind="control"), cases("control", {
        "hint": dict(image=(64, 64)), "stretched": dict(image=ODD_PICTURE, width=128), "img2img": IMAGE})


def kandinsky_full_rows() -> Iterator[tuple]:
    small = BASE | dict(width=256, height=256, steps=2, prior_steps=3)
    for kind in FULL:
        case = small | dict(kind=kind)
        yield f"full kandinsky {kind}", partial(full, kind=kind), {
            "256²": case, "img2img 256²": case | IMAGE | dict(image=(256, 256), steps=3)}
