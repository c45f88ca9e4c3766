"""Holds `velatura convert` to diffusers, full-size and with random weights, one family at a time.

A folder in float16 is made by diffusers and turned into a single file, that into a folder, and that
into a single file again. All tensors must be bit-equal: the folders' to each other, the files' to
each other, and, independent of velatura, what diffusers' own converters make of the file to the
folder. diffusers must also load the folder as a pipeline. For the depth model's estimator, which
diffusers does not convert, MiDaS' network is given random weights and must compute the same depth
as transformers' in the folder (where timm is installed). Prints a Markdown table.

Usage: convert_check.py [--velatura PATH] [--only FAMILY] [--folder FOLDER]; takes 8 GB of disk.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Family(NamedTuple):
    configs: str
    task: str = "txt2img"
    scheduler: str = "scheduler"


FAMILIES = {
    "SD 1.x": Family("stable-diffusion-1"),
    "SD 1.x inpainting": Family("stable-diffusion-1", "inpaint"),
    "SD 2.x base": Family("stable-diffusion-2"),
    "SD 2.x 768-v": Family("stable-diffusion-2", scheduler="scheduler_v"),
    "SD 2.x inpainting": Family("stable-diffusion-2", "inpaint"),
    "SD 2.x depth": Family("stable-diffusion-2", "depth2img"),
    "x4 upscaler": Family("stable-diffusion-x4-upscaler", "upscale"),
}


class Run(NamedTuple):
    seconds: float
    peak_mib: float
    said: str


def convert(velatura: str, *arguments) -> Run:
    """A child's peak memory begins at its parent's, so this process must not have imported torch."""
    start = time.perf_counter()
    command = [velatura, "convert", "--no-progress", *(str(word) for word in arguments)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{command}: {said}")
    return Run(time.perf_counter() - start, usage.ru_maxrss / 1024, said)


def in_child(*arguments) -> str:
    """Work that needs torch, in a process of its own."""
    command = [sys.executable, __file__, *(str(word) for word in arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def make(folder: Path, configs: str, task: str, scheduler: str) -> None:
    sys.path.insert(0, str(ROOT / "scripts" / "oracle"))
    import models

    models.full(folder, configs, task, scheduler)


def tensors(path: Path) -> dict:
    """Every tensor of a file, or of each component of a folder as `component/name`."""
    from safetensors import safe_open

    found = {}
    for file in sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]:
        prefix = f"{file.parent.name}/" if path.is_dir() else ""
        with safe_open(file, "pt") as stored:
            for name in stored.keys():
                found[prefix + whole(prefix, name)] = stored.get_tensor(name)
    return found


def whole(prefix: str, name: str) -> str:
    """transformers 5 writes and the hub has text encoders without and with `text_model.`."""
    return "text_model." + name.removeprefix("text_model.") if prefix == "text_encoder/" else name


def same(left: dict, right: dict, what: str) -> int:
    import torch

    missing = left.keys() ^ right.keys()
    assert not missing, f"{what}: {sorted(missing)[:5]}"
    for name, tensor in left.items():
        other = right[name]
        assert tensor.dtype == other.dtype and tensor.shape == other.shape, f"{what}: {name}"
        assert torch.equal(tensor.contiguous().view(torch.uint8), other.contiguous().view(torch.uint8)), f"{what}: {name}"
    return len(left)


def converted_by_diffusers(file: Path, folder: Path) -> dict:
    from diffusers.loaders import single_file_utils as oracle
    from transformers import CLIPTextConfig, CLIPTextModel

    def config(part: str) -> dict:
        return json.loads((folder / part / "config.json").read_text())

    checkpoint = tensors(file)
    parts = {"unet": oracle.convert_ldm_unet_checkpoint(dict(checkpoint), config("unet")),
             "vae": oracle.convert_ldm_vae_checkpoint(dict(checkpoint), config("vae"))}
    if "cond_stage_model.model.ln_final.weight" in checkpoint:
        text_model = CLIPTextModel(CLIPTextConfig(**config("text_encoder")))
        parts["text_encoder"] = oracle.convert_open_clip_checkpoint(text_model, dict(checkpoint))
    else:
        parts["text_encoder"] = oracle.convert_ldm_clip_checkpoint(dict(checkpoint))
    return {f"{part}/" + whole(f"{part}/", name): tensor
            for part, found in parts.items() for name, tensor in found.items()}


def compare(made: Path, file: Path, folder: Path, again: Path) -> None:
    """Prints how many tensors were compared with whom."""
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    made_tensors = {name: tensor.half() for name, tensor in tensors(made).items()}
    there = tensors(folder)
    same(made_tensors, there, "folder to file to folder")
    same(tensors(file), tensors(again), "file to folder to file")
    by_diffusers = {name: tensor for name, tensor in converted_by_diffusers(file, folder).items()}
    known = {name: tensor for name, tensor in there.items() if not name.startswith("depth_estimator/")}
    count = same(by_diffusers, known, "diffusers' converters")
    index = json.loads((folder / "model_index.json").read_text())
    import torch

    pipe = getattr(diffusers, index["_class_name"]).from_pretrained(folder, torch_dtype=torch.float16)
    assert len(pipe.tokenizer) == 49408, len(pipe.tokenizer)
    print(f"{count} of {len(there)}")


def put_midas(file: Path, target: Path, expected: Path) -> None:
    """The file with MiDaS' random weights in it, and a depth that these compute."""
    sys.path[:0] = [str(ROOT / "scripts" / "oracle"), str(ROOT / "scripts" / "fixtures")]
    import torch
    from midas import Midas
    from random_weights import normal, randomise
    from safetensors import safe_open
    from safetensors.torch import save_file

    network = randomise(Midas(), gain=1.0).half().float()
    weights = {f"depth_model.model.{name}": t.half() for name, t in network.state_dict().items()}
    checkpoint = tensors(file)
    old = {name for name in checkpoint if name.startswith("depth_model.")}
    assert old <= weights.keys(), sorted(old - weights.keys())[:5]
    assert all(checkpoint[name].shape == weights[name].shape for name in old)
    assert {n for n in weights.keys() - old} == {f"depth_model.model.pretrained.model.head.{x}" for x in ("weight", "bias")}
    with safe_open(file, "pt") as stored:
        metadata = stored.metadata()
    save_file(checkpoint | weights, target, metadata)
    pixels = normal(1, 1, 3, 384, 384)
    with torch.no_grad():
        save_file(dict(pixels=pixels, depth=network(pixels)), expected)


def compare_depth(folder: Path, expected: Path) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import DPTForDepthEstimation

    wanted = load_file(expected)
    network = DPTForDepthEstimation.from_pretrained(folder / "depth_estimator", dtype=torch.float32).eval()
    with torch.no_grad():
        found = network(wanted["pixels"]).predicted_depth
    error = (found - wanted["depth"]).norm() / wanted["depth"].norm()
    assert error < 1e-3, float(error)
    print(f"{float(error):.1e}")


def check(velatura: str, name: str, family: Family, place: Path) -> None:
    made, file, folder, again = (place / x for x in ("made", "a.safetensors", "folder", "b.safetensors"))
    in_child("make", made, *family)
    runs = [convert(velatura, made, "-o", file, "--dtype", "float16"),
            convert(velatura, file, "-o", folder),
            convert(velatura, folder, "-o", again)]
    compared = in_child("compare", made, file, folder, again).strip()
    size = file.stat().st_size / 1e9
    print(f"| {name} | {size:.2f} GB | {compared} | "
          + " | ".join(f"{run.seconds:.1f} s, {run.peak_mib:.0f} MiB" for run in runs) + " |", flush=True)
    if family.task == "depth2img":
        try:
            import importlib.util
            assert importlib.util.find_spec("timm")
        except AssertionError:
            print("\ntimm is not installed: the depth estimator's arithmetic was not compared")
            return
        shutil.rmtree(folder)
        in_child("put_midas", file, again, place / "depth.safetensors")
        convert(velatura, again, "-o", folder)
        error = in_child("compare_depth", folder, place / "depth.safetensors").strip()
        print(f"\nMiDaS' depth and transformers': relative L2 difference {error}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--velatura", default=ROOT / "build" / "release" / "velatura")
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", type=Path, help="where the models lie meanwhile")
    options = parser.parse_args()
    print("| family | float16 | tensors as diffusers converts them | float32 folder to float16 file |"
          " file to folder | folder to file |")
    print("|---|---|---|---|---|---|", flush=True)
    for name, family in FAMILIES.items():
        if options.only in name:
            with tempfile.TemporaryDirectory(dir=options.folder) as place:
                check(str(options.velatura), name, family, Path(place))


if __name__ == "__main__":
    work = {function.__name__: function for function in (make, compare, put_midas, compare_depth)}
    if sys.argv[1:] and sys.argv[1] in work:
        paths = [Path(word) if "/" in word else word for word in sys.argv[2:]]
        work[sys.argv[1]](*paths)
    else:
        main()
