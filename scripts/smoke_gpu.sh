#!/usr/bin/env bash
# What a CI job on a machine with a GPU runs once velatura is built: the selftest, then a picture by
# each command with the bundled models, compared with the CPU's. Writes OUT/selftest.xml (JUnit) and
# the pictures. Needs python3, of which only the standard library is used.
#   scripts/smoke_gpu.sh [VELATURA]    the program; build/release/velatura if not given
# DEVICE (cuda), DTYPE (float32), STEPS (8), OUT (build/smoke) and LIMIT (1), the mean absolute difference
# of two pictures that is allowed, in levels of 0 to 255, come from the environment. Half precision needs
# a larger LIMIT.
set -euo pipefail
cd "$(dirname "$0")/.."

velatura="${1:-build/release/velatura}"
device="${DEVICE:-cuda}"
dtype="${DTYPE:-float32}"
steps="${STEPS:-8}"
out="${OUT:-build/smoke}"
limit="${LIMIT:-1}"
failed=0

# A build that was carried to another machine takes the libtorch of the PyTorch there.
if ! "$velatura" --version >/dev/null 2>&1; then
  torch="$(${PYTHON:-python3} -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])')"
  export LD_LIBRARY_PATH="$torch/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi

mkdir -p "$out"
"$velatura" selftest --device "$device" --junit "$out/selftest.xml"

# compare COMMAND OPTION...: the command's picture on the device and on the CPU
compare() {
  local name="$1" difference
  local run=("$velatura" "$@" --steps "$steps" --seed 1 --no-progress --quiet)
  "${run[@]}" --device cpu --dtype float32 -o "$out/$name-expected.png" >/dev/null
  "${run[@]}" --device "$device" --dtype "$dtype" -o "$out/$name.png" >/dev/null
  if difference="$(python3 scripts/pictures.py mean "$out/$name-expected.png" "$out/$name.png" "$limit")"; then
    echo "passed  $name: $device in $dtype is $difference levels from the CPU, allowed $limit"
  else
    echo "FAILED  $name: $device in $dtype is ${difference:-unknown} levels from the CPU, allowed $limit"
    failed=1
  fi
}

prompt="a red circle on a white background"
compare txt2img "$prompt"
input="$out/txt2img-expected.png"  # also the mask and the depth map
compare img2img "$prompt" --image "$input"
compare inpaint "$prompt" --image "$input" --mask "$input"
compare depth2img "$prompt" --image "$input" --depth-map "$input"
compare upscale "$prompt" --image "$input"
exit "$failed"
