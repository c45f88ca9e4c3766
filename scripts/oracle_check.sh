#!/usr/bin/env bash
# Compares velatura with diffusers on random weights, every task: whole final latents and pictures.
# Usage: scripts/oracle_check.sh [--only PATTERN] [--no-full]   (full-size models need 12 GB of disk
# and memory each, one at a time)
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --oracle
cmake --preset release >/dev/null
cmake --build --preset release --target velatura
exec .venv/bin/python scripts/oracle_check.py --velatura build/release/velatura "$@"
