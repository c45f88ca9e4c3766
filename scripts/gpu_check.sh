#!/usr/bin/env bash
# Checks a build on a machine that has a GPU and PyTorch (the version requirements.txt pins) but
# nothing else of ours: build/release is carried there from where it was built. Runs the gpu tests and
# smoke_gpu.sh, compares the GPU with the CPU and, where diffusers is installed, with diffusers, and writes what
# was run into tests/gpu_results.md.
#   scripts/gpu_check.sh [FOLDER]     default build/release; PYTHON names the interpreter with PyTorch
set -euo pipefail
cd "$(dirname "$0")/.."

folder="${1:-build/release}"
python="${PYTHON:-python3}"
pinned="$(sed -n 's/^torch==//p' scripts/requirements.txt)"

fail() { echo "gpu_check: $*" >&2; exit 1; }

nvidia-smi -L || fail "there is no GPU here"
for file in velatura libvelatura_cuda.so; do
  [ -f "$folder/$file" ] || fail "$folder/$file is not here: carry it from a build made with nvcc"
done
torch="$("$python" -c 'import torch; print(torch.__version__, torch.__path__[0])')" || fail "$python has no PyTorch"
[[ "$torch" == "$pinned+"* ]] || fail "PyTorch is ${torch%% *}, the build is for $pinned"
export LD_LIBRARY_PATH="${torch#* }/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

"$folder/velatura" --version
results="$(mktemp)"
trap 'rm -f "$results"' EXIT
failed=0
for tests in "$folder"/*_gpu_tests; do
  [ -x "$tests" ] || continue
  report="$(mktemp)"
  if "$tests" | tee "$report"; then outcome=passed; else outcome=FAILED failed=1; fi
  ! grep -q '  SKIPPED ' "$report" || outcome="FAILED (tests skipped)" failed=1
  echo "| $(basename "$tests") | $(grep -oE '[0-9]+ tests? from.* ran' "$report" | head -1) | $outcome |" >>"$results"
  rm -f "$report"
done
if OUT="$(mktemp -d)" scripts/smoke_gpu.sh "$folder/velatura"; then smoke=passed; else smoke=FAILED failed=1; fi
echo "| smoke_gpu.sh | selftest and a picture by each command | $smoke |" >>"$results"
"$python" scripts/gpu_compare.py --velatura "$folder/velatura" --results "$results" || failed=1

{
  echo "# What ran on a GPU"
  echo
  echo "Made by \`scripts/gpu_check.sh\` on $(date -u +%F), revision $(git rev-parse --short HEAD 2>/dev/null || echo unknown)."
  echo
  echo '```'
  "$folder/velatura" --version
  echo '```'
  echo
  echo "| what | figure | outcome |"
  echo "|---|---|---|"
  cat "$results"
} >tests/gpu_results.md
echo
cat tests/gpu_results.md
exit $failed
