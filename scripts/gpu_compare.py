"""A model on the GPU beside the CPU, and beside diffusers where it is installed.

The bundled one; or, with --model, one of full size (made with random Stable Diffusion 1.5 weights if the
folder is not there), which the CPU would take too long for. Each run starts from the same latents; the
final latents are compared whole. Appends one row of a Markdown table a comparison to --results; exits 1
if one is out of its tolerance.
"""

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from bench import TASKS, make_model

DEMO = Path(__file__).resolve().parent.parent / "models" / "demo"
PROMPT = "a red circle on a white background"
STEPS = 20
GUIDANCE = 7.5
TOLERANCES = {"float32": 1e-3, "float16": 2e-2, "bfloat16": 1e-1}


def write_latents(path: Path, latents: torch.Tensor) -> None:
    """A safetensors file with the one tensor `latents`; the package need not be installed."""
    data = latents.float().contiguous().numpy().tobytes()
    entry = {"dtype": "F32", "shape": list(latents.shape), "data_offsets": [0, len(data)]}
    header = json.dumps({"latents": entry}).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)


def read_latents(path: Path) -> torch.Tensor:
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    entry = json.loads(content[8 : 8 + size])["latents"]
    return torch.frombuffer(bytearray(content[8 + size :]), dtype=torch.float32).view(entry["shape"])


def generate(velatura: str, model: Path, folder: Path, start: Path, device: str, dtype: str,
             **environment: str) -> tuple[torch.Tensor, float]:
    out = folder / f"{device}-{dtype}.safetensors"
    began = time.perf_counter()
    subprocess.run(
        [velatura, "txt2img", PROMPT, "-m", model, "--device", device, "--dtype", dtype, "--steps", str(STEPS),
         "-g", str(GUIDANCE), "--seed", "0", "--no-progress", "--latents-in", start, "--latents-out", out,
         "-o", folder / f"{device}-{dtype}.png"],
        check=True, stdout=subprocess.DEVNULL, env=os.environ | environment,
    )
    return read_latents(out), time.perf_counter() - began


def generate_with_diffusers(model: Path, start: torch.Tensor, dtype: str) -> torch.Tensor:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(model, dtype=getattr(torch, dtype)).to("cuda")
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(PROMPT, latents=start.to("cuda", pipeline.dtype), num_inference_steps=STEPS, guidance_scale=GUIDANCE,
                    output_type="latent").images.float().cpu()


def difference(actual: torch.Tensor, expected: torch.Tensor) -> float:
    return ((actual - expected).abs().max() / expected.abs().max()).item()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--velatura", required=True)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    model = arguments.model or DEMO
    if not model.exists():
        make_model(model, TASKS["txt2img"])
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False

    unet = json.loads((model / "unet" / "config.json").read_text())
    shape = (1, unet["in_channels"], unet["sample_size"], unet["sample_size"])
    start = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    failed = False

    def report(what: str, actual: torch.Tensor, expected: torch.Tensor, tolerance: float) -> None:
        nonlocal failed
        found = difference(actual, expected)
        passed = found <= tolerance  # not for NaN
        failed |= not passed
        row = f"| {what} | {found:.1e} relative, allowed {tolerance:.0e} | {'passed' if passed else 'FAILED'} |"
        print(row)
        with arguments.results.open("a") as results:
            results.write(row + "\n")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start_file = folder / "start.safetensors"
        write_latents(start_file, start)
        gpu = {}
        for dtype in TOLERANCES:
            gpu[dtype], seconds = generate(arguments.velatura, model, folder, start_file, "cuda", dtype)
            print(f"GPU {dtype}: {seconds:.1f} s with start-up")
        eager, _ = generate(arguments.velatura, model, folder, start_file, "cuda", "float16", VELATURA_CUDA_GRAPHS="off")
        report("latents, GPU float16, steps as graphs against without", gpu["float16"], eager, 1e-3)
        if arguments.model is None:
            cpu, _ = generate(arguments.velatura, model, folder, start_file, "cpu", "float32")
            for dtype, tolerance in TOLERANCES.items():
                report(f"latents, GPU {dtype} against CPU float32", gpu[dtype], cpu, tolerance)
    try:
        expected = generate_with_diffusers(model, start, "float32")
        theirs = generate_with_diffusers(model, start, "float16")
    except ImportError as missing:
        print(f"not compared with diffusers: {missing}")
    else:
        own = difference(theirs, expected)  # what float16 costs diffusers
        print(f"diffusers float16 is {own:.1e} from its float32")
        allowed = TOLERANCES | {"float16": max(TOLERANCES["float16"], 1.2 * own)}
        for dtype, tolerance in allowed.items():
            report(f"latents, GPU {dtype} against diffusers float32", gpu[dtype], expected, tolerance)
    return failed


if __name__ == "__main__":
    sys.exit(main())
