"""Stable Diffusion XL pipelines with random weights, small and full-size, and how diffusers is asked for
what velatura does with them."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from transformers import CLIPTextConfig
from xl_tasks import (PIPELINES, PLACES, SCHEDULER, SIZES, first_encoder, generate, load, save, second_encoder,
                      text_config, tokenizers, xl_arguments)

from oracle.models import ROOT, VAE

CROSS_DOWN, CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
TEXT = dict(hidden_size=32, intermediate_size=37, num_hidden_layers=5, num_attention_heads=4, hidden_act="gelu",
            projection_dim=32)
UNET = dict(
    sample_size=16, block_out_channels=(32, 64), layers_per_block=2, down_block_types=("DownBlock2D", CROSS_DOWN),
    up_block_types=(CROSS_UP, "UpBlock2D"), attention_head_dim=(2, 4), use_linear_projection=True,
    addition_embed_type="text_time", addition_time_embed_dim=8, transformer_layers_per_block=(1, 2),
    projection_class_embeddings_input_dim=6 * 8 + 32, cross_attention_dim=64,
)
REFINER_UNET = dict(projection_class_embeddings_input_dim=5 * 8 + 32, cross_attention_dim=32)

# What small pipelines have over the above, by name.
SHAPES = {
    "small": {},
    "four-levels": dict(
        unet=dict(block_out_channels=(16, 32, 32, 32), norm_num_groups=8, attention_head_dim=(1, 2, 4, 4),
                  down_block_types=("DownBlock2D",) + (CROSS_DOWN,) * 2 + ("DownBlock2D",),
                  up_block_types=("UpBlock2D",) + (CROSS_UP,) * 2 + ("UpBlock2D",),
                  transformer_layers_per_block=(1, 2, 3, 1))),
    # As the full-size one: the first level alone has no attention.
    "three-levels": dict(
        unet=dict(block_out_channels=(16, 32, 32), norm_num_groups=8, attention_head_dim=(1, 2, 4),
                  down_block_types=("DownBlock2D",) + (CROSS_DOWN,) * 2,
                  up_block_types=(CROSS_UP,) * 2 + ("UpBlock2D",), transformer_layers_per_block=(1, 2, 3))),
    "uneven": dict(
        unet=dict(transformer_layers_per_block=(1, (2, 1)), reverse_transformer_layers_per_block=((1, 3, 2), 1),
                  mid_block_type="UNetMidBlock2D")),
    "v-prediction": dict(scheduler=dict(prediction_type="v_prediction", rescale_betas_zero_snr=True,
                                        timestep_spacing="trailing")),
    "sample-prediction": dict(scheduler=dict(prediction_type="sample", timestep_spacing="trailing")),
    "turbo": dict(scheduler=dict(_class_name="EulerAncestralDiscreteScheduler", timestep_spacing="trailing")),
    "lcm": dict(unet=dict(time_cond_proj_dim=16), scheduler=dict(_class_name="LCMScheduler")),
    "playground": dict(vae=dict(latents_mean=[-1.6574, 1.886, -1.383, 2.5155],
                                latents_std=[8.4927, 5.9022, 6.5498, 5.2299], scaling_factor=0.5)),
    "old-eos": dict(text=dict(eos_token_id=2)),
    "encoded-empty": dict(index=dict(force_zeros_for_empty_prompt=False)),
}
TASK_UNETS = {"txt2img": {}, "inpaint": dict(in_channels=9)}


def tiny(folder: Path, shape: str = "small", task: str = "txt2img") -> None:
    parts = SHAPES[shape]
    count, tokenizer, tokenizer_2 = tokenizers(folder)
    config = text_config(count, TEXT | parts.get("text", {}))
    save(folder, PIPELINES[task], UNET | parts.get("unet", {}) | TASK_UNETS[task], VAE | parts.get("vae", {}),
         SCHEDULER | parts.get("scheduler", {}), tokenizer=tokenizer, tokenizer_2=tokenizer_2,
         text_encoder=first_encoder(config), text_encoder_2=second_encoder(config), **parts.get("index", {}))


def tiny_refiner(folder: Path) -> None:
    """With a VAE of its own."""
    count, _, tokenizer_2 = tokenizers(folder)
    save(folder, PIPELINES["img2img"], UNET | REFINER_UNET, VAE | dict(layers_per_block=2), SCHEDULER,
         name="refiner.", tokenizer=None, tokenizer_2=tokenizer_2, text_encoder=None,
         text_encoder_2=second_encoder(text_config(count, TEXT)), requires_aesthetics_score=True,
         force_zeros_for_empty_prompt=False)


def with_refiner(folder: Path, shape: str = "small") -> None:
    """A base, and in its folder a refiner."""
    tiny(folder, shape)
    tiny_refiner(folder / "refiner")


def full(folder: Path, kind: str, dtype: str = "float32") -> None:
    """The full-size base or refiner of models/configs; CLIP's vocabulary is not needed for it."""
    def config(name: str) -> dict:
        return json.loads((ROOT / f"models/configs/stable-diffusion-xl-{kind}/{name}.json").read_text())

    count, tokenizer, tokenizer_2 = tokenizers(folder)
    ends = dict(bos_token_id=count - 2, eos_token_id=count - 1, pad_token_id=count - 1)
    torch.nn.init.kaiming_uniform_, kept = (lambda *a, **k: a[0]), torch.nn.init.kaiming_uniform_
    base = kind == "base"
    parts = dict(tokenizer=tokenizer if base else None, tokenizer_2=tokenizer_2, text_encoder=None)
    if base:
        parts["text_encoder"] = first_encoder(CLIPTextConfig(**config("text_encoder") | ends))
    else:
        parts |= dict(requires_aesthetics_score=True, force_zeros_for_empty_prompt=False)
    parts["text_encoder_2"] = second_encoder(CLIPTextConfig(**config("text_encoder_2") | ends))
    save(folder, PIPELINES["txt2img" if base else "img2img"], config("unet"), config("vae"), config("scheduler"),
         half=dtype == "float16", **parts)
    torch.nn.init.kaiming_uniform_ = kept


def generated(pipe, folder: Path, case: dict, arguments: dict):
    latents, picture = generate(pipe, case["seed"], arguments, case, folder / "refiner")
    return latents, (picture * 255).round().astype("uint8")


def words_of(case: dict, folder: Path) -> list[str]:
    """velatura's options for what a case has beside those of other families."""
    words = []
    for key in SIZES:
        if key in case:
            words += ["--" + key.replace("_", "-"), "x".join(map(str, case[key]))]
    for key in PLACES:
        if key in case:
            words += ["--" + key.replace("_", "-"), ",".join(map(str, case[key]))]
    if "refiner_start" in case:
        words += ["--refiner", str(folder / "refiner"), "--refiner-start", str(case["refiner_start"])]
    return words


# Requests: what a case of another family has, and more.
CASE = dict(prompt_2="the green dog", guidance_scale=5.0)
SIZED = dict(original_size=(1024, 777), target_size=(640, 512), crop_top_left=(3, 10))
NEGATIVE_SIZED = dict(negative_original_size=(512, 300), negative_target_size=(1024, 1000),
                      negative_crop_top_left=(7, 2))
TEXTS = {
    "defaults": {},
    "no negative": dict(negative_prompt=None),
    "empty negative": dict(negative_prompt=""),
    "prompt 2": dict(prompt_2="the green dog"),
    "empty prompt 2": dict(prompt_2=""),
    "negative prompt 2": dict(negative_prompt_2="white on black", prompt_2="a star"),
    "sizes": SIZED,
    "negative sizes": SIZED | NEGATIVE_SIZED,
    "negative sizes, no crop": {key: value for key, value in NEGATIVE_SIZED.items() if "crop" not in key},
    "clip skip 1": dict(clip_skip=1),
    "clip skip 2": dict(clip_skip=2, negative_prompt=None),
    "rescaled": dict(guidance_rescale=0.7),
    "unguided": dict(guidance_scale=1.0),
    "long": dict(prompt="a red cat on the green star " * 20, prompt_2="the blue dog " * 50),
}
SAMPLERS = ("ddim", "pndm", "euler", "Euler a", "heun", "lms", "dpm2", "dpm2_a", "DPM++ 2M Karras", "dpmpp_2m_sde",
            "dpmpp_2s", "unipc", "deis", "lcm", "tcd", "ddpm")
SOME = ("pndm", "Euler a", "heun", "dpm2", "DPM++ 2M Karras", "dpmpp_2m_sde", "unipc", "lcm")


def each(task: dict, samplers: tuple) -> dict[str, dict]:
    return {name: task | dict(sampler=name) for name in samplers}


def xl_rows(TEXT: dict, IMAGE: dict, HOLE: dict) -> Iterator[tuple]:
    """@param TEXT, IMAGE, HOLE  requests as oracle/rows.py has them"""
    text, image, hole = (task | dict(guidance_scale=5.0) for task in (TEXT, IMAGE, HOLE))
    odd = dict(width=72, height=40)
    hole = hole | dict(strength=0.8)
    for shape in SHAPES:
        some = {"defaults": text, "odd size": text | odd, "no negative": text | dict(negative_prompt=None),
                "img2img": image | SIZED, "inpaint": hole}
        if shape in ("sample-prediction", "turbo", "lcm"):
            some |= {"unguided": text | dict(guidance_scale=0.0, steps=4)}
        yield f"xl {shape}", partial(tiny, shape=shape), some
    yield "xl texts", tiny, {name: text | case for name, case in TEXTS.items()}
    yield "xl samplers", tiny, each(text | SIZED, SAMPLERS)
    yield "xl img2img", tiny, each(image, SOME) | {
        "negative sizes": image | SIZED | NEGATIVE_SIZED,
        "negative original": image | dict(negative_original_size=(300, 100)),
        "whole": image | dict(strength=1.0), "no negative": image | dict(negative_prompt=None)}
    for task, name in (("txt2img", "4"), ("inpaint", "9")):
        yield f"xl inpaint {name} channels", partial(tiny, task=task), each(hole, SOME[:4]) | {
            "whole": hole | dict(strength=1.0), "nearly whole": hole | dict(strength=0.9999),
            "eta": hole | dict(sampler="ddim", eta=1.0), "sizes": hole | SIZED | dict(negative_prompt=None),
            "odd size": hole | odd | dict(image=(41, 33))}
    yield "xl refiner alone", tiny_refiner, each(image, SOME[:4]) | {
        "scores": image | dict(aesthetic_score=8.5, negative_aesthetic_score=1.0),
        "no negative": image | dict(negative_prompt=None), "empty negative": image | dict(negative_prompt=""),
        "negative crop": image | dict(original_size=(64, 48), crop_top_left=(1, 2), negative_crop_top_left=(5, 6),
                                      negative_original_size=(100, 50))}
    refined = text | dict(refiner_start=0.7)
    yield "xl hand-over", with_refiner, each(refined, SAMPLERS) | {
        f"at {share}": refined | dict(refiner_start=share, steps=steps)
        for share, steps in ((0.8, 10), (0.5, 7), (0.35, 13), (0.95, 20), (0.1, 10))} | {
        "heun at 0.55": refined | dict(sampler="heun", refiner_start=0.55, steps=6),
        "no negative": refined | dict(negative_prompt=None),
        "prompts 2": refined | dict(prompt_2="the green dog", negative_prompt_2="white"),
        "sizes": refined | SIZED | dict(aesthetic_score=3.0),
        "unguided": refined | dict(guidance_scale=1.0),
        "img2img": image | dict(refiner_start=0.75, strength=0.8),
    }
    yield "xl hand-over, v", partial(with_refiner, shape="v-prediction"), {"defaults": refined}


def xl_full_rows(TEXT: dict, IMAGE: dict) -> Iterator[tuple]:
    yield "full sdxl base", partial(full, kind="base"), {
        "256²": TEXT | dict(width=256, height=256, steps=2, guidance_scale=5.0, negative_prompt=None)}
    yield "full sdxl refiner", partial(full, kind="refiner"), {
        "256²": IMAGE | dict(image=(256, 256), steps=3, guidance_scale=5.0)}
