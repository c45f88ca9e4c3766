#!/usr/bin/env bash
# From a fresh checkout to a picture: sets the machine up, builds velatura and lets the bundled model
# draw. Afterwards it takes seconds.
#   scripts/demo.sh [PROMPT]
source "$(dirname "$0")/common.sh"

prompt="${1:-a red circle on a white background}"
picture=outputs/demo.png

build velatura
stage "drawing \"$prompt\""
mkdir -p "$(dirname "$picture")"
build/release/velatura txt2img "$prompt" --seed 1 --output "$picture"
stage "done: $picture"
echo
echo "Try next:"
echo "  build/release/velatura txt2img \"a blue star on a white background\" -o star.png"
