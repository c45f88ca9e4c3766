"""Runs diffusers and velatura on the same random pipelines and compares what comes out.

Each row: one pipeline saved by diffusers, one request carried out by both programs on the CPU in
float32. It holds where the final latents are within 1e-4 (relative L2, and largest difference over
largest value) and the PNG within one level. Small pipelines come in many shapes; the full-size
architectures of models/configs run at 64² to 256².
"""

import argparse
import fnmatch
import gc
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from PIL import Image
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts" / "fixtures"))
from random_weights import randomise  # noqa: E402
from tiny_pipeline import load, write_tokenizer  # noqa: E402

LATENTS_TOLERANCE, LEVELS_TOLERANCE = 1e-4, 1
LENGTH = 77
CROSS_DOWN, CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
SD_SCHEDULER = dict(
    _class_name="PNDMScheduler", beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
    skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1, clip_sample=False,
)

UNET = dict(
    sample_size=16, block_out_channels=(32, 64), layers_per_block=2, cross_attention_dim=32,
    down_block_types=("DownBlock2D", CROSS_DOWN), up_block_types=(CROSS_UP, "UpBlock2D"),
    attention_head_dim=4,
)
VAE = dict(block_out_channels=(32, 64), layers_per_block=1, norm_num_groups=8)
TEXT = dict(hidden_size=32, intermediate_size=37, num_hidden_layers=3, num_attention_heads=4)

# name: (unet, vae, text, scheduler) over the above
PIPELINES = {
    "small": ({}, {}, {}, {}),
    "four-levels": (
        dict(block_out_channels=(16, 32, 32, 32), norm_num_groups=8,
             down_block_types=(CROSS_DOWN,) * 3 + ("DownBlock2D",),
             up_block_types=("UpBlock2D",) + (CROSS_UP,) * 3),
        dict(block_out_channels=(16, 16, 32, 32), layers_per_block=2), {}, {},
    ),
    "linear-gelu": (
        dict(attention_head_dim=(2, 4), use_linear_projection=True), {},
        dict(hidden_act="gelu", num_hidden_layers=5), {},
    ),
    "v-prediction": (dict(use_linear_projection=True), {}, {}, dict(prediction_type="v_prediction")),
    "sample-prediction": ({}, {}, {}, dict(_class_name="DDIMScheduler", prediction_type="sample")),
    "zero-snr": ({}, {}, {}, dict(_class_name="DDIMScheduler", prediction_type="v_prediction",
                                  rescale_betas_zero_snr=True, timestep_spacing="trailing")),
    "deep-uneven": (
        dict(layers_per_block=(1, 2), transformer_layers_per_block=(1, 3)),
        dict(mid_block_add_attention=False, use_quant_conv=False, use_post_quant_conv=False), {}, {},
    ),
    "rare": (
        dict(resnet_time_scale_shift="scale_shift", flip_sin_to_cos=False, freq_shift=1,
             center_input_sample=True, downsample_padding=0, time_embedding_dim=48),
        dict(scaling_factor=0.3, block_out_channels=(32,)), {},
        dict(_class_name="EulerDiscreteScheduler", steps_offset=0),
    ),
}

KARRAS = dict(use_karras_sigmas=True)
# velatura's option value: diffusers class and what from_config is told
SAMPLERS = {
    "ddim": ("DDIMScheduler", {}),
    "pndm": ("PNDMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
    "dpm2": ("KDPM2DiscreteScheduler", {}),
    "dpm2_a": ("KDPM2AncestralDiscreteScheduler", {}),
    "DPM++ 2M Karras": ("DPMSolverMultistepScheduler", KARRAS),
    "dpmpp_2m_sde": ("DPMSolverMultistepScheduler", dict(algorithm_type="sde-dpmsolver++")),
    "dpmpp_2s": ("DPMSolverSinglestepScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "deis": ("DEISMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
}

PROMPT, NEGATIVE = "a photo of a red cat, naïve 猫 & co", "a blue dog"
BASE = dict(steps=10, seed=11, guidance_scale=7.5, width=32, height=32)


def tiny(folder: Path, unet: dict, vae: dict, text: dict, scheduler: dict) -> None:
    count = write_tokenizer(folder / "tokenizer", LENGTH)
    vae = VAE | vae
    levels = len(vae["block_out_channels"])
    assemble(
        folder,
        UNet2DConditionModel(**UNET | unet),
        AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * levels,
                      up_block_types=("UpDecoderBlock2D",) * levels, **vae),
        CLIPTextModel(CLIPTextConfig(**TEXT | text | dict(
            vocab_size=count, max_position_embeddings=LENGTH, bos_token_id=count - 2,
            eos_token_id=count - 1, pad_token_id=count - 1))),
        SD_SCHEDULER | scheduler,
    )


def full(folder: Path, family: str, scheduler: str = "scheduler") -> None:
    """The full-size architecture as models/configs has it; CLIP's vocabulary is not needed for it."""
    def config(name: str) -> dict:
        return json.loads((ROOT / "models" / "configs" / family / f"{name}.json").read_text())

    count = write_tokenizer(folder / "tokenizer", LENGTH)
    text = config("text_encoder") | dict(bos_token_id=count - 2, eos_token_id=count - 1,
                                         pad_token_id=count - 1)
    torch.nn.init.kaiming_uniform_, kept = (lambda *a, **k: a[0]), torch.nn.init.kaiming_uniform_
    assemble(folder, UNet2DConditionModel.from_config(config("unet")),
             AutoencoderKL.from_config(config("vae")), CLIPTextModel(CLIPTextConfig(**text)),
             config(scheduler))
    torch.nn.init.kaiming_uniform_ = kept


def assemble(folder: Path, unet, vae, text_encoder, scheduler: dict) -> None:
    """Randomises and saves. Small gains keep random networks from being chaotic."""
    pipe = StableDiffusionPipeline(
        unet=randomise(unet, gain=0.25), vae=randomise(vae, gain=0.6),
        text_encoder=randomise(text_encoder, "text_model.", gain=0.8),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        scheduler=getattr(diffusers, scheduler["_class_name"]).from_config(scheduler),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )
    pipe.save_pretrained(folder)


def ask_diffusers(folder: Path, case: dict) -> tuple[torch.Tensor, np.ndarray]:
    pipe = load(folder)
    if case.get("sampler"):
        name, settings = SAMPLERS[case["sampler"]]
        pipe.scheduler = getattr(diffusers, name).from_config(pipe.scheduler.config, **settings)
    latents = pipe(
        PROMPT, negative_prompt=NEGATIVE, num_inference_steps=case["steps"], width=case["width"],
        height=case["height"], guidance_scale=case["guidance_scale"], eta=case.get("eta", 0.0),
        guidance_rescale=case.get("guidance_rescale", 0.0), clip_skip=case.get("clip_skip"),
        generator=torch.Generator("cpu").manual_seed(case["seed"]), output_type="latent",
    ).images
    pixels = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample
    image = pipe.image_processor.postprocess(pixels, output_type="pil")[0]
    return latents, np.asarray(image)


def ask_velatura(program: Path, folder: Path, case: dict, out: Path):
    command = [program, "txt2img", PROMPT, "-m", folder, "--negative-prompt", NEGATIVE, "-q",
               "--device", "cpu", "--dtype", "float32", "-o", out / "picture.png",
               "--latents-out", out / "latents.safetensors"]
    for key, value in case.items():
        command += ["--" + key.replace("_", "-"), value]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    picture = np.asarray(Image.open(out / "picture.png"))
    return load_file(out / "latents.safetensors")["latents"], picture


def rows():
    """(name, make the pipeline, requests by name)"""
    plain = {"defaults": {}}
    for name, parts in PIPELINES.items():
        requests = plain | {"euler-odd-size": dict(sampler="euler", width=72, height=40)}
        if name == "small":
            requests |= {f"{sampler}": dict(sampler=sampler) for sampler in SAMPLERS}
            requests |= {
                "ddim-eta": dict(sampler="ddim", eta=0.7),
                "rescaled": dict(sampler="ddim", guidance_rescale=0.7),
                "unguided": dict(guidance_scale=1.0),
                "clip-skip": dict(clip_skip=1),
            }
        if name == "sample-prediction":
            requests = {"ddim": dict(sampler="ddim"), "unipc": dict(sampler="unipc")}
        yield name, lambda folder, parts=parts: tiny(folder, *parts), requests
    sizes = {"64²": dict(width=64, height=64, steps=4), "256²": dict(width=256, height=256, steps=2),
             "192×128": dict(width=192, height=128, steps=3, sampler="DPM++ 2M Karras")}
    for name, arguments in {"sd-1.5": ["stable-diffusion-1"], "sd-2.1-base": ["stable-diffusion-2"],
                            "sd-2.1-v": ["stable-diffusion-2", "scheduler_v"]}.items():
        yield "full " + name, lambda folder, a=arguments: full(folder, *a), sizes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--velatura", type=Path, default=ROOT / "build/release/velatura")
    parser.add_argument("--only", default="*", help="pipelines to run, a shell pattern")
    parser.add_argument("--no-full", action="store_true", help="leave out the full-size models")
    options = parser.parse_args()
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    torch.set_grad_enabled(False)
    print(f"{'pipeline':<18} {'request':<18} {'relative L2':>12} {'largest':>10} {'levels':>7}")
    count = failed = 0
    for name, make, requests in rows():
        if not fnmatch.fnmatch(name, options.only) or (options.no_full and name.startswith("full")):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "model"
            make(folder)
            gc.collect()
            for request, settings in requests.items():
                case = BASE | settings
                wanted, wanted_picture = ask_diffusers(folder, case)
                gc.collect()
                found, picture = ask_velatura(options.velatura, folder, case, Path(scratch))
                difference = (found - wanted).double()
                relative = (difference.norm() / wanted.double().norm()).item()
                largest = (difference.abs().max() / wanted.abs().max()).item()
                levels = int(np.abs(picture.astype(int) - wanted_picture.astype(int)).max())
                holds = max(relative, largest) <= LATENTS_TOLERANCE and levels <= LEVELS_TOLERANCE
                count, failed = count + 1, failed + (not holds)
                print(f"{name:<18} {request:<18} {relative:12.1e} {largest:10.1e} {levels:7d}"
                      f"{'' if holds else '  FAILED'}", flush=True)
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    sys.exit(main())
