"""Which pipelines are compared, and with which requests."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from oracle.adapters import adapter_rows
from oracle.models import SHAPES, full, tiny

# Requests are cases as fixtures/diffusers_tasks.py has them; `image` is the size of the picture that
# goes in, `depth_map` whether its depth is given.
BASE = dict(task="txt2img", prompt="a photo of a red cat, naïve 猫 & co", negative_prompt="a blue dog",
            steps=10, seed=11, guidance_scale=7.5)
TEXT = dict(width=32, height=32)
IMAGE = dict(task="img2img", image=(32, 32), strength=0.6)
HOLE = dict(task="inpaint", image=(32, 32), width=32, height=32, strength=1.0)
DEPTH = dict(task="depth2img", image=(32, 32), strength=0.8)
LOW = dict(task="upscale", image=(16, 12), noise_level=20, guidance_scale=9.0)
ODD, LARGE = (41, 33), (96, 64)

SAMPLERS = ("ddim", "pndm", "euler", "Euler a", "heun", "lms", "dpm2", "dpm2_a", "DPM++ 2M Karras", "dpmpp_2m_sde",
            "dpmpp_2s", "unipc", "deis", "lcm", "tcd", "ddpm")
SOME_SAMPLERS = ("pndm", "Euler a", "heun", "lms", "dpmpp_2m_sde", "unipc", "lcm")


class Row(NamedTuple):
    model: str
    make: Callable[[Path], None]  # into a folder
    requests: dict[str, dict]


def with_samplers(task: dict, samplers: tuple = SAMPLERS) -> dict[str, dict]:
    return {name: task | dict(sampler=name) for name in samplers}


def of_every_shape(shape: str) -> dict[str, dict]:
    """Requests for an ordinary model."""
    if shape == "sample-prediction":
        return with_samplers(TEXT, ("ddim", "unipc")) | {
            "img2img": IMAGE | dict(sampler="ddim"), "inpaint": HOLE | dict(sampler="ddim")}
    return {
        "defaults": TEXT,
        "euler-odd-size": dict(sampler="euler", width=72, height=40),
        "img2img": IMAGE | dict(image=(72, 40)),
        "inpaint": HOLE | dict(image=ODD, strength=0.8, width=72, height=40),
    }


TEXT_TO_IMAGE = with_samplers(TEXT) | {
    "ddim-eta": TEXT | dict(sampler="ddim", eta=0.7),
    "rescaled": TEXT | dict(sampler="ddim", guidance_rescale=0.7),
    "unguided": TEXT | dict(guidance_scale=1.0),
    "clip-skip": TEXT | dict(clip_skip=1),
}
IMAGE_TO_IMAGE = with_samplers(IMAGE) | {
    "ddim-eta": IMAGE | dict(sampler="ddim", eta=1.0),
    "whole": IMAGE | dict(strength=1.0),
    "least": IMAGE | dict(strength=0.1),
    "odd-picture": IMAGE | dict(image=ODD, sampler="Euler a"),
    "unguided": IMAGE | dict(guidance_scale=1.0),
}
INPAINT = {
    "defaults": HOLE,
    "eta-0": HOLE | dict(sampler="ddim"),
    "eta-1": HOLE | dict(sampler="ddim", eta=1.0),
    "strength": HOLE | dict(strength=0.7),
    "strength-eta-1": HOLE | dict(strength=0.7, sampler="ddim", eta=1.0),
    "mask-blur": HOLE | dict(image=LARGE, mask_blur=3, width=48, height=32),
    "mask-crop": HOLE | dict(image=LARGE, mask_crop=4, sampler="ddim"),
    "mask-crop-blur": HOLE | dict(image=LARGE, mask_crop=3, mask_blur=2, strength=0.9, width=32, height=48),
    "odd-size": HOLE | dict(image=ODD, sampler="euler", width=72, height=40),
    "unguided": HOLE | dict(guidance_scale=1.0),
}
DEPTH_TO_IMAGE = {
    "map": DEPTH | dict(depth_map=True),
    "map-odd": DEPTH | dict(image=ODD, depth_map=True, strength=1.0),
    "estimated": DEPTH,
    "estimated-odd": DEPTH | dict(image=ODD),
    "estimated-large": DEPTH | dict(image=LARGE, guidance_scale=1.0),
}
UPSCALE = {
    "defaults": LOW,
    "odd-picture": LOW | dict(image=(15, 10)),
    "no-noise": LOW | dict(noise_level=0),
    "most-noise-eta": LOW | dict(noise_level=350, sampler="ddim", eta=1.0),
    "unguided": LOW | dict(guidance_scale=1.0),
}


def small_rows() -> Iterator[Row]:
    for shape in (name for name in SHAPES if name != "gated"):
        yield Row(shape, partial(tiny, shape=shape), of_every_shape(shape))
    for name, requests in {
        "samplers": TEXT_TO_IMAGE, "img2img": IMAGE_TO_IMAGE,
        "inpaint 4 channels": with_samplers(HOLE | dict(strength=0.8)) | INPAINT,
    }.items():
        yield Row(name, partial(tiny, shape="small"), requests)
    for task, name, shapes, requests in (
        ("inpaint", "inpaint 9 channels", ("small", "four-levels"),
         with_samplers(HOLE | dict(strength=0.8), SOME_SAMPLERS) | INPAINT),
        ("depth2img", "depth2img", ("small", "linear-gelu"),
         with_samplers(DEPTH, SOME_SAMPLERS) | DEPTH_TO_IMAGE),
        ("upscale", "upscale", ("small", "only-cross"), with_samplers(LOW, SOME_SAMPLERS) | UPSCALE),
    ):
        for shape in shapes:
            yield Row(f"{name}, {shape}", partial(tiny, shape=shape, task=task), requests)


    for row in adapter_rows(TEXT, IMAGE, HOLE):
        yield Row(*row)


def full_rows() -> Iterator[Row]:
    sizes = {"64²": dict(width=64, height=64, steps=4), "256²": dict(width=256, height=256, steps=2),
             "192×128": dict(width=192, height=128, steps=3, sampler="DPM++ 2M Karras")}
    picture = dict(image=(64, 64), steps=3)
    ordinary = {"img2img 64²": IMAGE | picture,
                "inpaint 64²": HOLE | picture | dict(width=64, height=64)}
    yield Row("full sd-1.5", partial(full, family="stable-diffusion-1"), sizes | ordinary)
    yield Row("full sd-2.1-base", partial(full, family="stable-diffusion-2"), sizes | ordinary)
    yield Row("full sd-2.1-v", partial(full, family="stable-diffusion-2", scheduler="scheduler_v"), sizes)
    yield Row("full sd-1.5-inpainting", partial(full, family="stable-diffusion-1", task="inpaint"),
              {"64²": ordinary["inpaint 64²"],
               "64², strength": ordinary["inpaint 64²"] | dict(strength=0.7, sampler="ddim", eta=1.0)})
    yield Row("full sd-2-depth", partial(full, family="stable-diffusion-2", task="depth2img"),
              {"64², map": DEPTH | picture | dict(depth_map=True), "64², estimated": DEPTH | picture})
    yield Row("full x4-upscaler", partial(full, family="stable-diffusion-x4-upscaler", task="upscale"),
              {"32² to 128²": LOW | dict(image=(32, 32), steps=3)})
