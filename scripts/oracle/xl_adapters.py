"""Adapters beside Stable Diffusion XL: pipelines, and requests as oracle/rows.py has them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from diffusers import UNet2DConditionModel

from oracle.adapters import VISION, picture_requests, write_adapters
from oracle.xl import UNET, tiny, tiny_refiner, with_refiner

# (kind, scale, the text encoders'); see oracle/loras.py.
LORAS = {kind: [(kind, 1.0, 1.0)]
         for kind in ("peft", "diffusers", "old", "kohya-equal", "sgm-equal", "kohya", "sgm", "loha", "lokr",
                      "difference")} | {
    "scaled": [("peft", 0.6, -0.4)],
    "only unet": [("sgm", 1.3, 0.0)],
    "only text": [("sgm-equal", 0.0, 1.5)],
    "two": [("peft", 0.7, 0.3), ("sgm-equal", -0.5, 0.8)],
    "three": [("kohya", 0.5, 0.5), ("sgm", 0.4, 0.3), ("peft", 0.4, 0.4)],
}
EMBEDDINGS = {
    "three vectors": dict(embeddings=["<two>"], prompt="a photo of <two>, smiling"),
    "both prompts": dict(embeddings=["<two>", "onevec"], prompt="onevec", negative_prompt="<two> onevec"),
    "prompt 2": dict(embeddings=["<two>"], prompt="a cat", prompt_2="a <two> star"),
    "prompts 2": dict(embeddings=["<two>", "onevec"], prompt="a onevec cat", prompt_2="<two>",
                      negative_prompt="a dog", negative_prompt_2="onevec <two>"),
}


def pictured(folder: Path, task: str = "txt2img") -> None:
    """A small pipeline with IP-Adapters for it, and their image encoder beside them."""
    tiny(folder, task=task)
    unet = UNet2DConditionModel.from_pretrained(folder / "unet")
    widths = [unet.get_submodule(name.removesuffix(".processor")).to_k.out_features
              for name in unet.attn_processors if "attn2" in name]
    write_adapters(folder, VISION, UNET["cross_attention_dim"], widths, queries=6)


def pictured_with_refiner(folder: Path) -> None:
    pictured(folder)
    tiny_refiner(folder / "refiner")


def with_loras(task: dict, *names: str) -> dict[str, dict]:
    return {name: task | dict(loras=LORAS[name]) for name in names or LORAS}


def xl_adapter_rows(TEXT: dict, IMAGE: dict, HOLE: dict, controls: dict, t2i: dict) -> Iterator[tuple]:
    """@param TEXT, IMAGE, HOLE  requests of these tasks @param controls, t2i  cases of networks beside the model"""
    text, image, hole = (task | dict(guidance_scale=5.0) for task in (TEXT, IMAGE, HOLE | dict(strength=0.8)))
    sized = image | dict(width=32, height=32)
    some = ("peft", "sgm", "two", "three")
    for shape in ("small", "three-levels"):
        yield f"xl lora, {shape}", partial(tiny, shape=shape), with_loras(text)
    yield "xl lora, img2img", tiny, with_loras(image, *some)
    for task, name in (("txt2img", "4"), ("inpaint", "9")):
        yield f"xl lora, inpaint {name} channels", partial(tiny, task=task), with_loras(hole, *some)
    yield "xl lora, hand-over", with_refiner, with_loras(text | dict(refiner_start=0.7), "peft", "sgm") | {
        "img2img": image | dict(loras=LORAS["sgm"], refiner_start=0.75, strength=0.8)}

    yield "xl embedding", tiny, {name: text | case for name, case in EMBEDDINGS.items()} | {
        "img2img": image | EMBEDDINGS["both prompts"], "inpaint": hole | EMBEDDINGS["prompts 2"]}
    yield "xl embedding, old eos", partial(tiny, shape="old-eos"), {
        name: text | EMBEDDINGS[name] for name in ("three vectors", "both prompts")}

    def beside(task: dict, cases: dict, *names: str) -> dict[str, dict]:
        return {name: task | case for name, case in cases.items() if not names or name in names}

    few = ("net", "start, end", "guess mode", "two", "two, guess mode", "other size")
    for shape in ("small", "three-levels"):
        yield f"xl controlnet, {shape}", partial(tiny, shape=shape), beside(text, controls) | {
            "original file": text | dict(controls=[dict(kind="original", scale=0.8)])}
    yield "xl controlnet, img2img", tiny, beside(sized, controls, *few)
    for task, name in (("txt2img", "4"), ("inpaint", "9")):
        yield f"xl controlnet, inpaint {name} channels", partial(tiny, task=task), beside(hole, controls, *few)
    refined = text | dict(refiner_start=0.7)
    yield "xl controlnet, hand-over", with_refiner, beside(refined, controls, "net", "two, guess mode")
    t2i = {name: case for name, case in t2i.items() if "light" not in str(case)}
    yield "xl t2i-adapter", partial(tiny, shape="three-levels"), beside(text, t2i) | {
        "two": text | dict(controls=[dict(kind="full", scale=0.5), dict(kind="full", scale=0.8)]),
        "odd size": text | t2i["full"] | dict(width=72, height=40)}

    text, image, hole = text | dict(calls=10), image | dict(calls=6), hole | dict(calls=8)
    yield "xl ip-adapter", pictured, picture_requests(text) | {
        f"img2img {name}": case for name, case in picture_requests(image).items()} | {
        f"inpaint {name}": case for name, case in picture_requests(hole).items()}
    yield "xl ip-adapter 9 channels", partial(pictured, task="inpaint"), picture_requests(hole)
    yield "xl ip-adapter, hand-over", pictured_with_refiner, {
        name: case for name, case in picture_requests(refined).items() if name in ("base", "several adapters")}
