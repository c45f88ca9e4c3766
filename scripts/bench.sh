#!/usr/bin/env bash
# Times velatura against diffusers on the same random full-size weights (Stable Diffusion 1.5, its
# inpainting model, the x4 upscaler), in turn, and ends with a table. A task takes 6 GB of disk.
# Usage: scripts/bench.sh sdxl|kandinsky [the same options]     (7 and 10 GB of disk; float32 takes 16 GB of memory)
# Usage: scripts/bench.sh [--tasks txt2img,img2img,inpaint,upscale] [--rounds N] [--size PIXELS]
#                         [--steps N] [--dtypes float32,bfloat16] [--device DEVICE] [--model FOLDER]
#        scripts/bench.sh batch [--lines N] [--rounds N] [--threads N]
#        scripts/bench.sh peers [--only diffusers,compile,openvino,int8] [--rounds N] [--size PIXELS] [--steps N]
#                               [--threads N] [--dtypes …] [--model FOLDER]
#        scripts/bench.sh adapters [--only loras|controls] [--rounds N] [--size PIXELS] [--steps N] [--dtypes …]
# The second one counts pictures a minute over a job file of mixed lines, on the bundled model.
# The third one sets velatura beside diffusers, torch.compile, OpenVINO GenAI (installed below build/ from the
# package index) and, where SDCPP names its program, stable-diffusion.cpp, on the CPU.
# The fourth one merges a LoRA and makes pictures with it, and times a step with a ControlNet.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --oracle
cmake --preset release >/dev/null
cmake --build --preset release --target velatura velatura_bench
script=bench
case "${1:-}" in
  batch | adapters | peers)
    script=bench_$1
    shift
    ;;
  sdxl)
    set -- --tasks sdxl "${@:2}"
    ;;
  kandinsky)
    set -- --tasks kandinsky-2.1,kandinsky-2.2 "${@:2}"
    ;;
esac
exec .venv/bin/python "scripts/$script.py" "$@"
