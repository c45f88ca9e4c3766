#!/usr/bin/env bash
# The tests under other instruction sets than this processor's best, as other processors would run
# them: libtorch's own kernels (ATEN_CPU_CAPABILITY) and oneDNN's (ONEDNN_MAX_CPU_ISA) are held back,
# with one thread and with two. A row each; exit code 1 if a test failed.
#   scripts/isa_check.sh [--sets "ATEN/ONEDNN/THREADS…"] [ROOM…]
#     --sets   e.g. "avx2/AVX2/1"; all that the processor has if not given; "best" is no limit
#     ROOM     pipelines, samplers, …: whose tests to run; all with labels unit, parity and cli
# Needs a build (scripts/test.sh).
source "$(dirname "$0")/common.sh"

sets=""
if [ "${1:-}" = --sets ]; then
  sets="$2"
  shift 2
fi
if [ -z "$sets" ]; then
  for aten in default avx2 avx512; do
    if [ "$aten" = default ] || grep -qw "${aten/avx512/avx512f}" /proc/cpuinfo; then
      for onednn in SSE41 AVX2 AVX512_CORE AVX512_CORE_BF16 best; do
        sets+=" $aten/$onednn/1 $aten/$onednn/2"
      done
    fi
  done
fi
rooms=("$@")
[ $# -gt 0 ] || rooms=('*')

programs=()
for room in "${rooms[@]}"; do
  for label in unit parity cli; do
    programs+=($(compgen -G "build/release/${room}_${label}_tests" || true))
  done
done
[ ${#programs[@]} != 0 ] || { echo "isa_check: no tests of ${rooms[*]} in build/release" >&2; exit 2; }

logs="$(mktemp -d)"
trap 'rm -rf "$logs"' EXIT
export OMP_WAIT_POLICY=passive GTEST_COLOR=no GTEST_BRIEF=1

failed=0
for set in $sets; do
  IFS=/ read -r aten onednn threads <<<"$set"
  limits=(OMP_NUM_THREADS="$threads")
  [ "$aten" = best ] || limits+=(ATEN_CPU_CAPABILITY="$aten")
  [ "$onednn" = best ] || limits+=(ONEDNN_MAX_CPU_ISA="$onednn")
  begin=$SECONDS
  for program in "${programs[@]}"; do
    for shard in 0 1; do echo "$program $shard"; done
  done | env "${limits[@]}" GTEST_TOTAL_SHARDS=2 xargs -P "$(nproc)" -n 2 bash -c '
    log="$0/$(basename "$1").$2.log"
    GTEST_SHARD_INDEX="$2" "$1" >"$log" 2>&1 || echo "$1" >>"$0/failed"' "$logs"
  passed="$(cat "$logs"/*.log | sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' | awk "{ sum += \$1 } END { print sum + 0 }")"
  printf '%-8s %-18s %s thread(s): %5d passed' "$aten" "$onednn" "$threads" "$passed"
  if [ -e "$logs/failed" ]; then
    failed=1
    printf ', failed: %s\n' "$(xargs -n 1 basename <"$logs/failed" | sort -u | xargs)"
    grep -h '^\[  FAILED  \] [A-Za-z/]*\.' "$logs"/*.log | sort -u | sed 's/^/    /' || true
  else
    printf ', %d s\n' $((SECONDS - begin))
  fi
  rm -f "$logs"/*
done
exit "$failed"
