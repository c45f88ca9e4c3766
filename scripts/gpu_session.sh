#!/usr/bin/env bash
# The one call for a machine with a GPU, of ten minutes at most: from "is it right" to "how fast". Each
# part has a limit of its own, what no longer fits into the time is left out, and a part that fails
# does not keep the others from running.
#   scripts/gpu_session.sh [FOLDER]      the build, build/release if not given
# From the environment: OUT (build/gpu_session), which gets summary.md and parts.tar.gz (logs and
# JUnit files, packed after every part); BUDGET, seconds (560); PARTS, a regular expression of the parts
# to do; PYTHON, one that has PyTorch (python3); INSTRUMENT, a folder of libraries to put in front: so the script itself is tried on the stand-in of
# tests/support, without what takes long there, and then says nothing of speed.
set -uo pipefail
cd "$(dirname "$0")/.."

build="${1:-build/release}" begin=$SECONDS budget="${BUDGET:-560}" out="${OUT:-build/gpu_session}"
python="${PYTHON:-python3}" failed=0
mkdir -p "$out/logs"
velatura="$build/velatura"

# A build that was carried here finds libtorch where this machine's PyTorch has it.
torch="$("$python" -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' 2>/dev/null)"
libraries="${INSTRUMENT:-}${torch:+${INSTRUMENT:+:}$torch/lib}"
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

# part NAME LIMIT COMMAND…
part() {
  local name="$1" limit="$2" left=$((budget - (SECONDS - begin))) start=$SECONDS log="$out/logs/$1.log" outcome=passed
  shift 2
  [[ "$name" =~ ${PARTS:-.} ]] || return 0
  if [ "$left" -lt 15 ]; then
    echo "| $name | | left out: no time |" >>"$out/summary.md"
    return
  fi
  if ! timeout "$((limit < left ? limit : left))" "$@" >"$log" 2>&1 </dev/null; then
    outcome="FAILED: $(grep -v '^frame' "$log" | tail -1 | cut -c1-120)" failed=1
  fi
  echo "| $name | $((SECONDS - start)) s | $outcome |" >>"$out/summary.md"
  tar czf "$out/parts.tar.gz" -C "$out" logs
}

has_open_kernels() { "$velatura" --version | tee /dev/stderr | grep -q "kernels open"; }

printf '| part | time | outcome |\n|---|---|---|\n' >"$out/summary.md"
[ -n "${INSTRUMENT:-}" ] || part card 20 nvidia-smi
part version 60 "$velatura" --version
part kernels 60 bash -c "$(declare -f has_open_kernels); velatura='$velatura' has_open_kernels"
part selftest 60 "$velatura" selftest --device cuda --junit "$out/logs/selftest.xml"
if [ -z "${INSTRUMENT:-}" ]; then
  for tests in "$build"/*_gpu_tests; do
    [ ! -x "$tests" ] || part "$(basename "$tests")" 90 "$tests" --gtest_output="xml:$out/logs/$(basename "$tests").xml"
  done
  for model in sd15 kandinsky sdxl vae; do
    step() { part "step-$model-$1" 60 env "${@:3}" "$build/velatura_step_bench" "$model" $2; }
    for dtype in float16 bfloat16 float32; do
      step "$dtype" "$dtype --kernels $out/logs/kernels-$model-$dtype.md"
    done
    [ "$model" != vae ] || continue  # it has neither
    step no-graphs float16 VELATURA_CUDA_GRAPHS=off
    step no-cudnn-attention "float16 --without-cudnn-attention"
  done
  for model in sd15-control sd15-pictures sd15-objects; do
    step float16 float16
    step no-graphs float16 VELATURA_CUDA_GRAPHS=off
  done
fi
part smoke-float32 "$([ -n "${INSTRUMENT:-}" ] && echo 250 || echo 120)" env OUT="$out/smoke-float32" STEPS="${INSTRUMENT:+2}" scripts/smoke_gpu.sh "$velatura"
if [ -z "${INSTRUMENT:-}" ]; then
  part compare 90 "$python" scripts/gpu_compare.py --velatura "$velatura" --results "$out/logs/compare.md"
  part smoke-float16 90 env OUT="$out/smoke-float16" DTYPE=float16 LIMIT=4 scripts/smoke_gpu.sh "$velatura"
  # Every other pipeline of the comparison with diffusers on the CPU; Pillow before 13 shrinks some pictures otherwise.
  ! "$python" -c 'import diffusers, peft' 2>/dev/null || part oracle 240 bash -c \
    'seq "$0" | OMP_NUM_THREADS=2 xargs -P "$0" -I{} "$@" --part "{}/$((2 * $0))"' $((($(nproc) + 1) / 2)) \
    "$python" scripts/oracle_check.py --velatura "$velatura" --device cuda --no-full
  full="$(mktemp -d)/full"
  trap 'rm -rf "$(dirname "$full")"' EXIT
  part compare-full 180 "$python" scripts/gpu_compare.py --velatura "$velatura" --model "$full" --results "$out/logs/compare-full.md"
  part peers 400 "$python" scripts/bench_peers.py --device cuda --dtypes float16 --steps 20 --rounds "${ROUNDS:-3}" --only "${PEERS:-diffusers,compile}" --model "$full" --build "$build" --threads "$(nproc)"
  ! command -v compute-sanitizer >/dev/null || for tool in memcheck racecheck initcheck; do
    part "sanitizer-$tool" 45 compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/ops_gpu_tests" --gtest_filter='*NotAligned*:*Nan*'
  done
fi
cat "$out/summary.md"
exit $failed
