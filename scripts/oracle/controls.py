"""ControlNets and T2I-Adapters beside a pipeline, with random weights, and diffusers' pipelines that
take them.

A case's `controls` is a list, an entry each: `kind` of KINDS, and what differs from DEFAULTS. `size`
is that of the control picture.
"""

from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import ControlNetModel, T2IAdapter, UNet2DConditionModel
from diffusers_tasks import picture
from PIL import Image
from random_weights import randomise
from safetensors.torch import save_file
from tiny_pipeline import load

from oracle.loras import sgm_name
from oracle.models import is_xl

KINDS = {
    "net": {},
    "bgr": dict(controlnet_conditioning_channel_order="bgr"),
    "pool": dict(global_pool_conditions=True),
    "file": {},  # one file, without a config
    "original": {},  # likewise, in the original layout
    "full": dict(adapter_type="full_adapter"),
    "light": dict(adapter_type="light_adapter"),
    "grey": dict(adapter_type="full_adapter", in_channels=1),
}
ADAPTERS = ("full", "light", "grey")
FILES = ("file", "original")
DEFAULTS = dict(scale=1.0, start=0.0, end=1.0, preprocess="none", size=None)
PIPELINES = {
    "txt2img": diffusers.StableDiffusionControlNetPipeline,
    "img2img": diffusers.StableDiffusionControlNetImg2ImgPipeline,
    "inpaint": diffusers.StableDiffusionControlNetInpaintPipeline,
    "adapter": diffusers.StableDiffusionAdapterPipeline,
}
XL_PIPELINES = {
    "txt2img": diffusers.StableDiffusionXLControlNetPipeline,
    "img2img": diffusers.StableDiffusionXLControlNetImg2ImgPipeline,
    "inpaint": diffusers.StableDiffusionXLControlNetInpaintPipeline,
    "adapter": diffusers.StableDiffusionXLAdapterPipeline,
}


def entries(case: dict) -> list[dict]:
    return [DEFAULTS | control for control in case["controls"]]


def hint(case: dict, number: int) -> Image.Image:
    control = entries(case)[number]
    size = control["size"] or (case["width"], case["height"])
    return picture(*size, seed=20 + number)


def hint_channels(unet: UNet2DConditionModel, levels: int) -> tuple[int, ...]:
    """Small ones beside small networks."""
    return (16, 32, 96, 256) if unet.config.block_out_channels[0] == 320 else tuple(range(4, 4 + 2 * levels, 2))


def original_names(net: ControlNetModel) -> dict[str, str]:
    """As the original program calls the network's tensors."""
    hints = len(net.config.conditioning_embedding_out_channels)
    names = {}
    for name in net.state_dict():
        layer, leaf = name.rsplit(".", 1)
        kind, *rest = layer.split(".")
        if kind == "controlnet_cond_embedding":
            place = {"conv_in": 0, "conv_out": 4 * hints - 2}.get(rest[0])
            original = f"input_hint_block.{2 * int(rest[1]) + 2 if place is None else place}"
        elif kind == "controlnet_down_blocks":
            original = f"zero_convs.{rest[0]}.0"
        elif kind == "controlnet_mid_block":
            original = "middle_block_out.0"
        else:
            original = sgm_name(layer, net.config.layers_per_block)
        names[name] = f"control_model.{original}.{leaf}"
    return names


def make(folder: Path, kind: str, number: int, to: Path) -> ControlNetModel | T2IAdapter:
    """A network that fits the pipeline's UNet, saved in `to`."""
    unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32)
    levels = len(diffusers.AutoencoderKL.load_config(folder / "vae")["block_out_channels"])
    if kind in ADAPTERS:
        channels = list(unet.config.block_out_channels)
        config = KINDS[kind] | dict(channels=channels[:-1] if kind == "light" else channels,
                                    downscale_factor=2 ** (levels - 1))
        if is_xl(folder):  # half the size, and something for the middle
            config |= dict(channels=channels + channels[-1:], downscale_factor=2 ** levels,
                           adapter_type="full_adapter_xl")
        net = T2IAdapter(num_res_blocks=2, **config)
        randomise(net, prefix=str(number), gain=0.4)
    else:
        net = ControlNetModel.from_unet(unet, conditioning_channels=3, load_weights_from_unet=False,
                                        conditioning_embedding_out_channels=hint_channels(unet, levels))
        net = ControlNetModel.from_config(dict(net.config) | dict(in_channels=4) | KINDS[kind])
        randomise(net, prefix=str(number), gain=0.4)
    if kind in FILES:
        names = original_names(net) if kind == "original" else {name: name for name in net.state_dict()}
        save_file({names[name]: tensor for name, tensor in net.state_dict().items()}, f"{to}.safetensors")
    else:
        net.save_pretrained(to)
    return net


def prepared(case: dict, number: int) -> Image.Image | torch.Tensor:
    """The control picture as it is handed to diffusers."""
    control, image = entries(case)[number], hint(case, number)
    if control["kind"] == "grey":
        return image.convert("L")
    if control["preprocess"] == "invert":
        return Image.fromarray(255 - np.asarray(image))
    if control["preprocess"] == "inpaint":
        from oracle.ask import inputs_of  # the mask that goes in
        values = np.asarray(image).astype(np.float32) / 255
        values[np.asarray(inputs_of(case).mask).astype(np.float32) / 255 > 0.5] = -1
        return torch.from_numpy(values).permute(2, 0, 1).unsqueeze(0)
    return image


def load_with_controls(folder: Path, case: dict, scratch: Path):
    """A pipeline with the case's networks, and what it is called with for them."""
    controls = entries(case)
    nets = [make(folder, control["kind"], number, scratch / f"control{number}")
            for number, control in enumerate(controls)]
    images = [prepared(case, number) for number in range(len(nets))]
    one = (lambda values: values[0]) if len(nets) == 1 else list
    scales = one([control["scale"] for control in controls])
    pipelines, settings = (XL_PIPELINES, dict(add_watermarker=False)) if is_xl(folder) else (PIPELINES, {})
    if isinstance(nets[0], T2IAdapter):
        several = nets[0] if len(nets) == 1 else diffusers.MultiAdapter(nets)
        pipe = load(folder, pipelines["adapter"], adapter=several, **settings)
        return pipe, dict(image=one(images), adapter_conditioning_scale=scales)
    pipe = load(folder, pipelines[case["task"]], controlnet=one(nets), **settings)
    return pipe, {"image" if case["task"] == "txt2img" else "control_image": one(images),
                  "controlnet_conditioning_scale": scales,
                  "control_guidance_start": one([control["start"] for control in controls]),
                  "control_guidance_end": one([control["end"] for control in controls]),
                  "guess_mode": case.get("guess_mode", False)}


def options_of(case: dict, scratch: Path) -> list:
    """The same for velatura; the networks are there already."""
    options = []
    for number, control in enumerate(entries(case)):
        model, image = scratch / f"control{number}", scratch / f"hint{number}.png"
        hint(case, number).save(image)
        options += ["--control", f"{model}.safetensors" if control["kind"] in FILES else model, "--control-image", image]
        for name in ("scale", "start", "end", "preprocess"):
            options += [f"--control-{name}", control[name]]
    return options + (["--guess-mode"] if case.get("guess_mode") else [])
