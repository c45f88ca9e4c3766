"""Puts the trained parts of Kandinsky's demo model together as two pipelines in the diffusers layout."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from diffusers import PriorTransformer, VQModel
from diffusers.pipelines.kandinsky.text_encoder import MultilingualCLIP
from transformers import CLIPImageProcessorPil, CLIPTextModelWithProjection, CLIPVisionModelWithProjection

import kandinsky_parts as parts
import world
from export import tidy
from sampling import new_scheduler
from train_kandinsky_prior import new_scheduler as new_prior_scheduler
from train_kandinsky_unet import Kandinsky

DECODER = {
    "_class_name": "KandinskyPipeline",
    "movq": ["diffusers", "VQModel"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["kandinsky", "MultilingualCLIP"],
    "tokenizer": ["transformers", "XLMRobertaTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
}
PRIOR = {
    "_class_name": "KandinskyPriorPipeline",
    "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
    "image_processor": ["transformers", "CLIPImageProcessorPil"],
    "prior": ["diffusers", "PriorTransformer"],
    "scheduler": ["diffusers", "UnCLIPScheduler"],
    "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
}


def finish(folder: Path, index: dict, version: str) -> None:
    """With the pipeline's index."""
    (folder / "model_index.json").write_text(
        json.dumps(index | {"_diffusers_version": version}, indent=2, sort_keys=True) + "\n")
    tidy(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 2**20:.2f} MiB")


def export(work: Path, out: Path, prior_out: Path) -> None:
    unet = parts.new_unet()
    unet.load_state_dict(torch.load(work / "kandinsky.ckpt")["average"])
    unet.half().save_pretrained(out / "unet")
    VQModel.from_pretrained(work / "movq").half().save_pretrained(out / "movq")
    MultilingualCLIP.from_pretrained(work / "text_encoder").half().save_pretrained(out / "text_encoder")
    new_scheduler(Kandinsky.betas, Kandinsky.beta_schedule).save_pretrained(out / "scheduler")
    shutil.copytree(work / "tokenizer", out / "tokenizer", dirs_exist_ok=True)
    version = unet.config["_diffusers_version"]
    finish(out, DECODER, version)

    PriorTransformer.from_pretrained(work / "prior").half().save_pretrained(prior_out / "prior")
    for name, source, kind in (("image_encoder", "image_encoder", CLIPVisionModelWithProjection),
                               ("text_encoder", "prior_text_encoder", CLIPTextModelWithProjection)):
        kind.from_pretrained(work / source).half().save_pretrained(prior_out / name)
    new_prior_scheduler().save_pretrained(prior_out / "scheduler")
    shutil.copytree(work / "prior_tokenizer", prior_out / "tokenizer", dirs_exist_ok=True)
    side = world.SIZE
    CLIPImageProcessorPil(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side},
    ).save_pretrained(prior_out / "image_processor")
    finish(prior_out, PRIOR, version)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=parts.FOLDER, help="scratch folder")
    parser.add_argument("--out", type=Path, default=Path("models/demo-kandinsky"))
    parser.add_argument("--prior-out", type=Path, default=Path("models/demo-kandinsky-prior"))
    args = parser.parse_args()
    export(args.work, args.out, args.prior_out)


if __name__ == "__main__":
    main()
