"""LoRA: velatura and diffusers in turn on the same random full-size Stable Diffusion 1.5 and the same
file of rank 32; medians in a table. `merge` is everything between a loaded model and one that makes
pictures with the LoRA in its weights; diffusers loads and fuses it."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import ROOT, TASKS, make_model, result_of, row

ROWS = [("merge a LoRA of rank 32, s", "merge_s"), ("a step without, s", "step_s"), ("a step with it, s", "lora_step_s"),
        ("peak memory without, GiB", "peak_gib"), ("peak memory with it, GiB", "lora_peak_gib")]
LAYERS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out",
          "q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")


def write_lora(model: Path, file: Path, rank: int) -> None:
    """kohya's names; every attention and feed-forward layer of UNet and text encoder."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for prefix, weights in (("lora_unet_", "unet/diffusion_pytorch_model.safetensors"),
                            ("lora_te_", "text_encoder/model.safetensors")):
        with safe_open(model / weights, "pt") as stored:
            for name in stored.keys():
                layer = name.removesuffix(".weight")
                if layer == name or not layer.endswith(LAYERS):
                    continue
                if prefix == "lora_te_" and not layer.startswith("text_model."):
                    layer = "text_model." + layer
                out, into = stored.get_slice(name).get_shape()[:2]
                ones = [1, 1] if layer.endswith(("proj_in", "proj_out")) else []
                stem = prefix + layer.replace(".", "_")
                tensors[stem + ".lora_down.weight"] = 0.02 * torch.randn(rank, into, *ones, generator=generator)
                tensors[stem + ".lora_up.weight"] = 0.02 * torch.randn(out, rank, *ones, generator=generator)
                tensors[stem + ".alpha"] = torch.tensor(float(rank))
    save_file({key: value.half().contiguous() for key, value in tensors.items()}, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--size", type=int, default=512, help="pixels a side")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    parser.add_argument("--model", type=Path, help="a diffusers folder; else random SD 1.5 weights")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        model = options.model or Path(scratch) / "model"
        make_model(model, TASKS["txt2img"])
        lora = Path(scratch) / "lora.safetensors"
        write_lora(model, lora, options.rank)
        subprocess.run(["cat", *map(str, model.rglob("*.safetensors")), lora], stdout=subprocess.DEVNULL)
        print(f"{options.size}², {options.steps} DDIM steps, {options.device}, median of {options.rounds}\n")
        print("| | velatura | diffusers | ratio |\n|---|---|---|---|")
        for dtype in options.dtypes.split(","):
            arguments = ["txt2img", model, dtype, options.size, options.steps, options.device, lora]
            pairs = [(result_of([options.build / "velatura_bench", *arguments]),
                      result_of([sys.executable, ROOT / "scripts/bench_diffusers.py", *arguments]))
                     for _ in range(options.rounds)]
            for figure, key in ROWS:
                row(f"{dtype}: {figure}", [ours[key] for ours, _ in pairs], [theirs[key] for _, theirs in pairs])


if __name__ == "__main__":
    main()
