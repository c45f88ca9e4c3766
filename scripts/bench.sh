#!/usr/bin/env bash
# Times velatura against diffusers on the same random full-size Stable Diffusion 1.5 weights, in
# turn, and ends with a table. Usage: scripts/bench.sh [--rounds N] [--size PIXELS] [--device DEVICE]
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --oracle
cmake --preset release >/dev/null
cmake --build --preset release --target velatura velatura_bench
exec .venv/bin/python scripts/bench.py "$@"
