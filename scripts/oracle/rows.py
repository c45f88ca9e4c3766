"""Which pipelines are compared, and with which requests."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from oracle.adapters import adapter_rows, fully_grounded, fully_pictured, full_requests
from oracle.kandinsky import kandinsky_full_rows, kandinsky_rows
from oracle.models import SHAPES, full, tiny
from oracle.xl import xl_full_rows, xl_rows
from oracle.xl_adapters import xl_adapter_rows

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


# (kind, scale, the text encoder's)
LORAS = {kind: [(kind, 1.0, 1.0)]
         for kind in ("peft", "diffusers", "kohya-equal", "dora-peft", "kohya", "loha", "lokr", "difference")} | {
    "scaled": [("peft", 0.6, -0.4)],
    "only unet": [("kohya", 1.3, 0.0)],
    "only text": [("kohya-equal", 0.0, 1.5)],
    "two": [("peft", 0.7, 0.3), ("kohya-equal", -0.5, 0.8)],
    "three": [("kohya", 0.5, 0.5), ("loha", 0.8, 0.2), ("peft", 0.4, 0.4)],
}


def with_loras(task: dict, *names: str) -> dict[str, dict]:
    return {name: task | dict(loras=LORAS[name]) for name in names or LORAS}


def lora_rows() -> Iterator[Row]:
    some = ("peft", "kohya", "lokr", "two", "three")
    for shape in ("small", "four-levels", "linear-gelu", "v-prediction"):
        yield Row(f"lora, {shape}", partial(tiny, shape=shape), with_loras(TEXT))
    yield Row("lora, samplers", partial(tiny, shape="small"),
              with_samplers(TEXT | dict(loras=LORAS["three"]), SOME_SAMPLERS))
    yield Row("lora, img2img", partial(tiny, shape="small"), with_loras(IMAGE, *some))
    yield Row("lora, inpaint", partial(tiny, shape="small"), with_loras(HOLE, *some))
    yield Row("lora, inpaint 9 channels", partial(tiny, shape="small", task="inpaint"),
              with_loras(HOLE | dict(strength=0.8), *some))
    yield Row("lora, depth2img", partial(tiny, shape="small", task="depth2img"),
              with_loras(DEPTH | dict(depth_map=True), *some))
    yield Row("lora, upscale", partial(tiny, shape="small", task="upscale"), with_loras(LOW, "peft", "kohya"))


# Tokens are written as they were loaded: in another case diffusers takes the first vector alone.
EMBEDDINGS = {
    "one vector": dict(embeddings=["zsty"], prompt="a zsty cat"),
    "three vectors": dict(embeddings=["<axolotl>"], prompt="a photo of <axolotl>, smiling"),
    "inside a word": dict(embeddings=["zsty"], prompt="an axzstyle thing"),
    "both prompts": dict(embeddings=["zsty", "<axolotl>"], prompt="zsty", negative_prompt="<axolotl> zsty"),
    "twice, joined": dict(embeddings=["zsty", "<axolotl>"], prompt="zsty<axolotl>zsty"),
    "cut at the end": dict(embeddings=["long"], prompt="a long way"),
    "cut in its middle": dict(embeddings=["<axolotl>"], prompt="cat " * 40 + "<axolotl> " * 12 + "more"),
    "flat": dict(embeddings=["flat"], prompt="a flat cat"),
}


def embedding_rows() -> Iterator[Row]:
    for shape in ("small", "four-levels", "linear-gelu"):
        yield Row(f"embedding, {shape}", partial(tiny, shape=shape),
                  {name: TEXT | settings for name, settings in EMBEDDINGS.items()})


def one(kind: str, **settings) -> list[dict]:
    return [dict(kind=kind) | settings]


# What stands beside the model; see oracle/controls.py.
CONTROLS = {
    "net": dict(controls=one("net")),
    "one file": dict(controls=one("file", scale=0.8)),
    "bgr": dict(controls=one("bgr")),
    "other size": dict(controls=one("net", size=(50, 23), preprocess="invert")),
    "start": dict(controls=one("net", start=0.3, scale=1.5)),
    "end": dict(controls=one("net", end=0.6, scale=-0.7)),
    "start, end": dict(controls=one("net", start=0.1, end=0.7)),
    "guess mode": dict(controls=one("net"), guess_mode=True),
    "guess mode, unguided": dict(controls=one("net"), guess_mode=True, guidance_scale=1.0),
    "unguided": dict(controls=one("net"), guidance_scale=1.0),
    "pooled": dict(controls=one("pool", scale=2.0)),
    "two": dict(controls=one("net", scale=0.6, end=0.5) + one("bgr", scale=0.5, start=0.2)),
    "two, guess mode": dict(controls=one("net") + one("net", scale=0.3), guess_mode=True),
    "pooled first": dict(controls=one("pool") + one("net", scale=0.4)),
    "pooled last": dict(controls=one("net") + one("pool", scale=0.4)),
}
ADAPTERS = {
    "full": dict(controls=one("full")),
    "light": dict(controls=one("light", scale=0.7)),
    "grey": dict(controls=one("grey", size=(41, 33))),
    "two": dict(controls=one("full", scale=0.5) + one("light", scale=0.8)),
    "unguided": dict(controls=one("full"), guidance_scale=1.0),
}


def beside(task: dict, controls: dict = CONTROLS, *names: str) -> dict[str, dict]:
    return {name: task | settings for name, settings in controls.items() if not names or name in names}


def control_rows() -> Iterator[Row]:
    some = ("net", "start, end", "guess mode", "two", "other size", "pooled")
    sized = IMAGE | dict(width=32, height=32)
    for shape in ("small", "four-levels", "linear-gelu", "v-prediction", "rare"):
        yield Row(f"controlnet, {shape}", partial(tiny, shape=shape), beside(TEXT))
    # Where a level but the last has no attention, diffusers fails.
    yield Row("t2i-adapter", partial(tiny, shape="four-levels"), beside(TEXT, ADAPTERS) | with_samplers(
        dict(width=72, height=40) | ADAPTERS["full"], SOME_SAMPLERS))
    yield Row("controlnet, samplers", partial(tiny, shape="small"),
              with_samplers(TEXT | CONTROLS["start, end"], SOME_SAMPLERS))
    yield Row("controlnet, img2img", partial(tiny, shape="small"), beside(sized) | beside(
        dict(sampler="heun") | sized, CONTROLS, "net"))
    for task, name in (("txt2img", "4 channels"), ("inpaint", "9 channels")):
        hole = HOLE | dict(strength=0.8)
        yield Row(f"controlnet, inpaint {name}", partial(tiny, shape="small", task=task),
                  beside(hole, CONTROLS, *some) | {
                      "inpaint": hole | dict(controls=one("net", preprocess="inpaint")),
                      "mask-crop": hole | dict(controls=one("net", size=LARGE), image=LARGE, mask_crop=4)})


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
    yield Row("depth2img, plain DPT", partial(tiny, shape="small", task="depth2img", hybrid=False), DEPTH_TO_IMAGE)
    yield from lora_rows()
    yield from embedding_rows()
    yield from control_rows()
    for row in (*adapter_rows(TEXT, IMAGE, HOLE), *xl_rows(TEXT, IMAGE, HOLE),
                *xl_adapter_rows(TEXT, IMAGE, HOLE, CONTROLS, ADAPTERS), *kandinsky_rows()):
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
    for row in (*xl_full_rows(TEXT, IMAGE), *kandinsky_full_rows()):
        yield Row(*row)
    yield from full_adapter_rows()


def full_adapter_rows() -> Iterator[Row]:
    text = dict(width=64, height=64, steps=4)
    loras = {"peft": [("peft", 0.02, 0.05)], "kohya": [("kohya", 0.02, 0.05)],
             "three": [("kohya", 0.01, 0.03), ("loha", 0.1, 0.1), ("lokr", 0.1, 0.1)]}
    yield Row("full sd-1.5, lora", partial(full, family="stable-diffusion-1"),
              {name: text | dict(loras=uses) for name, uses in loras.items()})
    yield Row("full sd-1.5, embedding", partial(full, family="stable-diffusion-1"),
              {"three vectors": text | EMBEDDINGS["three vectors"]})
    yield Row("full sd-1.5, control", partial(full, family="stable-diffusion-1"),
              beside(text, CONTROLS, "net", "two", "guess mode") | {
                  "t2i-adapter": text | dict(controls=one("full")), "light": text | dict(controls=one("light"))})
    pictures, boxes = full_requests(text)
    yield Row("full sd-1.5, ip-adapter", fully_pictured, pictures)
    yield Row("full sd-1.5, gligen", fully_grounded, boxes)
