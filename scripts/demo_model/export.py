"""Puts the trained parts together as a Stable Diffusion pipeline in the diffusers layout."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from transformers import CLIPTextModel

from sampling import new_scheduler
from train_unet import new_unet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("build/demo-training"), help="scratch folder")
    parser.add_argument("--out", type=Path, default=Path("models/demo"))
    args = parser.parse_args()

    unet = new_unet()
    unet.load_state_dict(torch.load(args.work / "unet.ckpt")["average"])
    unet.half().save_pretrained(args.out / "unet")
    AutoencoderKL.from_pretrained(args.work / "vae").half().save_pretrained(args.out / "vae")
    CLIPTextModel.from_pretrained(args.work / "text_encoder").half().save_pretrained(args.out / "text_encoder")
    shutil.copytree(args.work / "tokenizer", args.out / "tokenizer", dirs_exist_ok=True)
    new_scheduler().save_pretrained(args.out / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": unet.config["_diffusers_version"],
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (args.out / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    for config in args.out.glob("*/config.json"):  # no trace of where the parts lay before
        values = json.loads(config.read_text())
        values.pop("_name_or_path", None)
        config.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
    for weights in args.out.glob("*/*.safetensors"):
        weights.chmod(0o644)
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
