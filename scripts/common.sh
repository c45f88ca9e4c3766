# Sourced by the scripts that build: strict mode, the repository's root as working folder, and
#   stage TEXT…    says what happens now, after how many seconds
#   build TARGET…  sets the machine up, configures the release preset and builds into build/release
# VELATURA_CUDA=OFF in the environment leaves the CUDA kernels out; =ON insists on them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stage() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

build() {
  local cuda="${VELATURA_CUDA:-AUTO}" options=()
  [ "$cuda" != OFF ] || options=(--cpu-only)
  stage "setting up: compiler, libraries, libtorch"
  scripts/setup.sh "${options[@]}"
  stage "configuring"
  local log
  log="$(cmake --preset release -DVELATURA_CUDA="$cuda" 2>&1)" || { echo "$log" >&2; exit 1; }
  grep '^-- CUDA kernels' <<<"$log" || true
  stage "building (the first time takes minutes)"
  cmake --build --preset release --parallel "$(nproc)" --target "$@"
}
