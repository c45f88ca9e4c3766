"""Has one request carried out by diffusers on the CPU, or by velatura on the case's `device`; in float32."""

import subprocess
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionGLIGENPipeline
from diffusers_tasks import PIPELINES, Inputs, arguments_of, depth, generate, mask, picture, use_sampler
from oracle import controls, embeddings, kandinsky, loras, xl
from oracle.models import is_xl
from oracle.adapters import give_boxes, give_pictures, words_of
from PIL import Image
from safetensors.torch import load_file
from tiny_pipeline import load


ADAPTERS = ("ip_adapters", "ground", "ground_beta")  # of a case, see oracle/adapters.py


def inputs_of(case: dict) -> Inputs:
    if "image" not in case:
        return Inputs()
    size = case["image"]
    return Inputs(picture(*size, seed=5), mask(*size) if case["task"] == "inpaint" else None,
                  depth(*size) if case.get("depth_map") else None)


def ask_diffusers(folder: Path, case: dict, scratch: Path) -> tuple[torch.Tensor, np.ndarray]:
    if kandinsky.is_kandinsky(folder):
        return kandinsky.ask_diffusers(folder, case)
    of_xl = is_xl(folder)
    arguments = (xl.xl_arguments if of_xl else arguments_of)(case, inputs_of(case))
    boxes_in_text = "ground" in case and (case["task"] == "txt2img" or "boxes_as_mask" in case)
    if "controls" in case:
        pipe, more = controls.load_with_controls(folder, case, scratch)
        arguments |= more
    elif of_xl:
        pipe = xl.load(folder, case["task"])
    else:
        pipe = load(folder, StableDiffusionGLIGENPipeline if boxes_in_text else PIPELINES[case["task"]])
    if "loras" in case:
        loras.apply_loras(pipe, case["loras"], scratch)
    if "embeddings" in case:
        embeddings.apply(pipe, case, scratch)
    use_sampler(pipe, case.get("sampler", ""))
    if "ip_adapters" in case:
        give_pictures(pipe, folder, case, arguments)
    if "ground" in case:
        give_boxes(pipe, case, arguments)
    if of_xl:
        return xl.generated(pipe, folder, case, arguments)
    return generate(pipe, case["seed"], arguments)


def run(command: list) -> None:
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


def made_in(out: Path) -> tuple[torch.Tensor, np.ndarray]:
    return load_file(out / "latents.safetensors")["latents"], np.asarray(Image.open(out / "picture.png"))


def ask_velatura(program: Path, folder: Path, case: dict, out: Path) -> tuple[torch.Tensor, np.ndarray]:
    if kandinsky.is_kandinsky(folder):
        for command in kandinsky.commands_of(program, folder, case, out):
            run(command)
        return made_in(out)
    options = {key: value for key, value in case.items()
               if key not in ("task", "prompt", "image", "depth_map", "calls", "boxes_as_mask", "loras", "embeddings",
                              "controls", "guess_mode", "refiner_start", *xl.SIZES, *xl.PLACES, *ADAPTERS)
               and value is not None}
    for name, content in inputs_of(case)._asdict().items():
        if content is not None and not (name == "mask" and "boxes_as_mask" in case and "ground" in case):
            option = "depth-map" if name == "depth" else name
            options[option] = out / f"{option}.png"
            (Image.fromarray(content) if name == "depth" else content).save(options[option])
    command = [program, case["task"], case["prompt"], "-m", folder, "-q", "--dtype", "float32",
               "-o", out / "picture.png", "--latents-out", out / "latents.safetensors"]
    command += words_of(case, folder, out) + xl.words_of(case, folder)
    for key, value in options.items():
        command += ["--" + key.replace("_", "-"), value]
    if "controls" in case:
        command += controls.options_of(case, out)
    for kind, scale, text in case.get("loras", []):
        command += ["--lora", f"{out / kind}.safetensors:{scale}:{text}"]
    if "embeddings" in case:
        command += embeddings.options_of(case, out)
    if case["task"] == "inpaint" and "mask_crop" not in case:
        command.append("--no-paste")  # diffusers puts the picture back only where it has been cropped
    if case["task"] == "upscale":
        command += ["--tile", 0, "--resize", "stretch"]
    run(command)
    return made_in(out)
