"""Whole pipelines with random weights, made and saved by diffusers: small ones, and the full-size
architectures of models/configs."""

import json
import sys
from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from transformers import (CLIPTextConfig, CLIPTextModel, CLIPTokenizer, DPTConfig, DPTForDepthEstimation,
                          DPTImageProcessorPil)

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "fixtures"))
from diffusers_tasks import LOW_RES_SCHEDULER, PIPELINES, UNETS  # noqa: E402
from make_depth_fixtures import DPT_BASE, PLAIN  # noqa: E402
from random_weights import randomise  # noqa: E402
from tiny_pipeline import write_tokenizer  # noqa: E402

LENGTH = 77
CROSS_DOWN, CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
SCHEDULER = dict(
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
# As Stable Diffusion 2's depth model has it.
FULL_DPT = dict(is_hybrid=True, neck_hidden_sizes=[256, 512, 768, 768], reassemble_factors=[1, 1, 1, 0.5])
UPSCALER_VAE = dict(block_out_channels=(16, 16, 32), scaling_factor=0.08333)  # factor 4

# What small pipelines have over the above, by name.
SHAPES = {
    "small": {},
    "four-levels": dict(
        unet=dict(block_out_channels=(16, 32, 32, 32), norm_num_groups=8,
                  down_block_types=(CROSS_DOWN,) * 3 + ("DownBlock2D",),
                  up_block_types=("UpBlock2D",) + (CROSS_UP,) * 3),
        vae=dict(block_out_channels=(16, 16, 32, 32), layers_per_block=2),
    ),
    "linear-gelu": dict(
        unet=dict(attention_head_dim=(2, 4), use_linear_projection=True),
        text=dict(hidden_act="gelu", num_hidden_layers=5),
    ),
    "v-prediction": dict(unet=dict(use_linear_projection=True),
                         scheduler=dict(prediction_type="v_prediction")),
    "sample-prediction": dict(scheduler=dict(_class_name="DDIMScheduler", prediction_type="sample")),
    "zero-snr": dict(scheduler=dict(_class_name="DDIMScheduler", prediction_type="v_prediction",
                                    rescale_betas_zero_snr=True, timestep_spacing="trailing")),
    "deep-uneven": dict(
        unet=dict(layers_per_block=(1, 2), transformer_layers_per_block=(1, 3)),
        vae=dict(mid_block_add_attention=False, use_quant_conv=False, use_post_quant_conv=False),
    ),
    "rare": dict(
        unet=dict(resnet_time_scale_shift="scale_shift", flip_sin_to_cos=False, freq_shift=1,
                  center_input_sample=True, downsample_padding=0, time_embedding_dim=48),
        vae=dict(scaling_factor=0.3, block_out_channels=(32,)),
        scheduler=dict(_class_name="EulerDiscreteScheduler", steps_offset=0),
    ),
    # As GLIGEN's.
    "gated": dict(unet=dict(attention_type="gated")),
    # As the x4 upscaler's: no self-attention but in the deepest blocks and the middle.
    "only-cross": dict(
        unet=dict(block_out_channels=(16, 16, 32, 32), norm_num_groups=8, use_linear_projection=True,
                  down_block_types=("DownBlock2D",) + (CROSS_DOWN,) * 3,
                  up_block_types=(CROSS_UP,) * 3 + ("UpBlock2D",),
                  only_cross_attention=(True, True, True, False)),
        scheduler=dict(_class_name="DDIMScheduler", prediction_type="v_prediction"),
    ),
}


def tiny(folder: Path, shape: str, task: str = "txt2img", hybrid: bool = True) -> None:
    """A small pipeline of a shape, made for a task; the ordinary kind is that of txt2img.
    `hybrid` says which kind of DPT a depth model brings."""
    parts = SHAPES[shape]
    count = write_tokenizer(folder / "tokenizer", LENGTH)
    vae = VAE | parts.get("vae", {}) | (UPSCALER_VAE if task == "upscale" else {})
    levels = len(vae["block_out_channels"])
    more = {}
    if task == "upscale":
        more = dict(low_res_scheduler=DDPMScheduler(**LOW_RES_SCHEDULER))
    if task == "depth2img":
        plain = {} if hybrid else PLAIN | dict(reassemble_factors=[4, 2, 1, 0.5])
        more = depth_parts(DPTConfig(**DPT_BASE | plain))
    save(
        folder, task,
        unet=UNet2DConditionModel(**UNET | parts.get("unet", {}) | UNETS[task]),
        vae=AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * levels,
                          up_block_types=("UpDecoderBlock2D",) * levels, **vae),
        text_encoder=CLIPTextModel(CLIPTextConfig(**TEXT | parts.get("text", {}) | dict(
            vocab_size=count, max_position_embeddings=LENGTH, bos_token_id=count - 2,
            eos_token_id=count - 1, pad_token_id=count - 1))),
        scheduler=SCHEDULER | parts.get("scheduler", {}), **more,
    )


def full(folder: Path, family: str, task: str = "txt2img", scheduler: str = "scheduler", **unet) -> None:
    """The full-size architecture as models/configs has it, changed as the task needs it; CLIP's
    vocabulary is not needed for it. @param unet  over the UNet's config"""
    def config(name: str) -> dict:
        return json.loads((ROOT / "models" / "configs" / family / f"{name}.json").read_text())

    write_tokenizer(folder / "tokenizer", LENGTH)
    torch.nn.init.kaiming_uniform_, kept = (lambda *a, **k: a[0]), torch.nn.init.kaiming_uniform_
    more = {}
    if task == "upscale":
        more = dict(low_res_scheduler=DDPMScheduler.from_config(config("low_res_scheduler")))
    if task == "depth2img":
        more = depth_parts(DPTConfig(**FULL_DPT))
    save(folder, task, unet=UNet2DConditionModel.from_config(config("unet") | UNETS[task] | unet),
         vae=AutoencoderKL.from_config(config("vae")),
         text_encoder=CLIPTextModel(CLIPTextConfig(**config("text_encoder"))), scheduler=config(scheduler), **more)
    torch.nn.init.kaiming_uniform_ = kept


def is_xl(folder: Path) -> bool:
    index = json.loads((folder / "model_index.json").read_text())
    return index["_class_name"].startswith("StableDiffusionXL")


def depth_parts(config: DPTConfig) -> dict:
    size = dict(height=config.image_size, width=config.image_size)
    return dict(depth_estimator=randomise(DPTForDepthEstimation(config), gain=1.0),
                feature_extractor=DPTImageProcessorPil(size=size))


def save(folder: Path, task: str, unet, vae, text_encoder, scheduler: dict, **more) -> None:
    """Randomises and saves. Small gains keep random networks from being chaotic."""
    if task in ("txt2img", "inpaint"):
        more = dict(safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    PIPELINES[task](
        unet=randomise(unet, gain=0.25), vae=randomise(vae, gain=0.6),
        text_encoder=randomise(text_encoder, "text_model.", gain=0.8),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        scheduler=getattr(diffusers, scheduler["_class_name"]).from_config(scheduler), **more,
    ).save_pretrained(folder)
