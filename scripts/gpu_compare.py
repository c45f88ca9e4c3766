"""The bundled model on the GPU beside the CPU, and beside diffusers where it is installed.

Each run starts from the same latents; the final latents are compared whole. Appends one row of a
Markdown table a comparison to --results; exits 1 if one is out of its tolerance.
"""

import argparse
import json
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

MODEL = Path(__file__).resolve().parent.parent / "models" / "demo"
PROMPT = "a red circle on a white background"
STEPS = 20
GUIDANCE = 7.5


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


def generate(velatura: str, folder: Path, start: Path, device: str, dtype: str) -> tuple[torch.Tensor, float]:
    out = folder / f"{device}-{dtype}.safetensors"
    began = time.perf_counter()
    subprocess.run(
        [velatura, "txt2img", PROMPT, "-m", MODEL, "--device", device, "--dtype", dtype, "--steps", str(STEPS),
         "-g", str(GUIDANCE), "--seed", "0", "--no-progress", "--latents-in", start, "--latents-out", out,
         "-o", folder / f"{device}-{dtype}.png"],
        check=True, stdout=subprocess.DEVNULL,
    )
    return read_latents(out), time.perf_counter() - began


def generate_with_diffusers(start: torch.Tensor) -> torch.Tensor:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(MODEL, dtype=torch.float32).to("cuda")
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(PROMPT, latents=start.cuda(), num_inference_steps=STEPS, guidance_scale=GUIDANCE,
                    output_type="latent").images.cpu()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--velatura", required=True)
    parser.add_argument("--results", type=Path, required=True)
    arguments = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False

    unet = json.loads((MODEL / "unet" / "config.json").read_text())
    shape = (1, unet["in_channels"], unet["sample_size"], unet["sample_size"])
    start = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    failed = False

    def report(what: str, actual: torch.Tensor, expected: torch.Tensor, tolerance: float) -> None:
        nonlocal failed
        difference = ((actual - expected).abs().max() / expected.abs().max()).item()
        passed = difference <= tolerance  # not for NaN
        failed |= not passed
        row = f"| {what} | {difference:.1e} relative, allowed {tolerance:.0e} | {'passed' if passed else 'FAILED'} |"
        print(row)
        with arguments.results.open("a") as results:
            results.write(row + "\n")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start_file = folder / "start.safetensors"
        write_latents(start_file, start)
        cpu, _ = generate(arguments.velatura, folder, start_file, "cpu", "float32")
        gpu = {}
        for dtype, tolerance in (("float32", 1e-3), ("float16", 2e-2), ("bfloat16", 1e-1)):
            gpu[dtype], seconds = generate(arguments.velatura, folder, start_file, "cuda", dtype)
            report(f"latents, GPU {dtype} ({seconds:.1f} s with start-up) against CPU float32", gpu[dtype], cpu, tolerance)
    try:
        expected = generate_with_diffusers(start)
    except ImportError as missing:
        print(f"not compared with diffusers: {missing}")
    else:
        report("latents, GPU float32 against diffusers on the GPU", gpu["float32"], expected, 1e-3)
    return failed


if __name__ == "__main__":
    sys.exit(main())
