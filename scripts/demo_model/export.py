"""Puts the trained parts of a demo model together as a pipeline in the diffusers layout.

Parts that a model shares with the txt2img model become relative links to it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDPMScheduler
from transformers import CLIPTextModel

from sampling import new_scheduler
from tasks import TASKS, Task

FOLDERS = {"txt2img": "demo", "inpaint": "demo-inpaint", "depth2img": "demo-depth", "upscale": "demo-upscale"}
CLASSES = {
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
NONE = [None, None]
CHECKED = {"feature_extractor": NONE, "image_encoder": NONE, "safety_checker": NONE, "requires_safety_checker": False}
FURTHER = {  # what the index names beside CLASSES
    "txt2img": CHECKED,
    "inpaint": CHECKED,
    "depth2img": {"depth_estimator": NONE, "feature_extractor": NONE},
    "upscale": {
        "feature_extractor": NONE, "low_res_scheduler": ["diffusers", "DDPMScheduler"], "max_noise_level": 350,
        "safety_checker": NONE, "watermarker": NONE,
    },
}


def link(name: str, base: Path, out: Path) -> None:
    target = Path(os.path.relpath(base / name, out))
    if not (out / name).is_symlink():
        (out / name).symlink_to(target)


def tidy(out: Path) -> None:
    """Configs with no trace of where the parts lay before, and weights that all may read; not of linked parts."""
    for part in out.iterdir():
        config = part / "config.json"
        if part.is_symlink() or not config.is_file():
            continue
        values = json.loads(config.read_text())
        values.pop("_name_or_path", None)
        config.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
        for weights in part.glob("*.safetensors"):
            weights.chmod(0o644)


def export(task: Task, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    unet = task.new_unet()
    unet.load_state_dict(torch.load(task.work / f"{task.name}.ckpt")["average"])
    unet.half().save_pretrained(out / "unet")
    new_scheduler(task.betas).save_pretrained(out / "scheduler")
    if task.vae_source():
        AutoencoderKL.from_pretrained(task.vae_source()).half().save_pretrained(out / "vae")
    else:
        link("vae", task.base, out)
    if task.parts() == task.work:
        CLIPTextModel.from_pretrained(task.work / "text_encoder").half().save_pretrained(out / "text_encoder")
        shutil.copytree(task.work / "tokenizer", out / "tokenizer", dirs_exist_ok=True)
    else:
        link("text_encoder", task.base, out)
        link("tokenizer", task.base, out)
    index = {
        "_class_name": task.pipeline, "_diffusers_version": unet.config["_diffusers_version"],
        **CLASSES, **FURTHER[task.name],
    }
    if "low_res_scheduler" in index:
        DDPMScheduler(
            beta_start=task.betas[0], beta_end=task.betas[1], beta_schedule="scaled_linear",
        ).save_pretrained(out / "low_res_scheduler")
    (out / "model_index.json").write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")
    tidy(out)
    files = [Path(folder) / name for folder, _, names in os.walk(out) for name in names]  # links are not followed
    print(f"{out}: {sum(path.stat().st_size for path in files) / 2**20:.1f} MiB of its own")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=TASKS, nargs="?", default="txt2img")
    parser.add_argument("--work", type=Path, default=Path("build/demo-training"), help="scratch folder")
    parser.add_argument("--base", type=Path, default=Path("models/demo"), help="the model whose parts are shared")
    parser.add_argument("--out", type=Path, help="models/demo or models/demo-TASK by default")
    args = parser.parse_args()
    export(TASKS[args.task](args.work, args.base), args.out or Path("models") / FOLDERS[args.task])


if __name__ == "__main__":
    main()
