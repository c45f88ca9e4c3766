#!/usr/bin/env bash
# What building costs, as a Markdown table: a clean build of everything without a compiler cache in
# CPU minutes (user + system), then seconds from an edited file to a program that runs.
#   scripts/build_times.sh [--edits]    --edits: not the clean build; build/times must be there
source "$(dirname "$0")/common.sh"

export CCACHE_DISABLE=1
build=build/times
edits=(src/samplers/ddim.cpp src/pipelines/inpaint.cpp src/weights/layouts/single_file.cpp src/cli/report/info_text.cpp)
option=src/request/picture_fields.cpp

# seconds COMMAND…: how long it takes, and in $cpu the CPU minutes
seconds() {
  local times
  times="$({ TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>&1; } 2>&1)"
  read -r wall user system <<<"$times"
  cpu="$(awk "BEGIN { printf \"%.1f\", ($user + $system) / 60 }")"
}

echo "| | CPU minutes | seconds |"
echo "|---|---|---|"
if [ "${1:-}" != --edits ]; then
  rm -rf $build
  cmake --preset release -B $build >/dev/null
  seconds cmake --build $build --parallel "$(nproc)" --target all
  printf '| clean build, all targets, %s cores | %s | %.0f |\n' "$(nproc)" "$cpu" "$wall"
fi
for file in "${edits[@]}" "$option"; do
  touch "$file"
  seconds cmake --build $build --parallel "$(nproc)" --target velatura
  printf '| `%s` edited | %s | %.0f |\n' "$file" "$cpu" "$wall"
done
