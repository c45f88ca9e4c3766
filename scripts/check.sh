#!/usr/bin/env bash
# What a reviewer need not look at: formatting, who may include whom, clang-tidy on what has changed.
#   scripts/check.sh [BASE]    BASE: the commit since which files count as changed, HEAD~1 if not given;
#                              uncommitted changes count, too
# clang-tidy needs a build (scripts/test.sh) and is left out where there is none.
source "$(dirname "$0")/common.sh"

base="${1:-HEAD~1}"
scripts/setup.sh --checks
failed=0
fail() { echo "check: $*" >&2; failed=1; }

stage "formatting"
git ls-files -z src include tests | grep -zE '\.(h|cpp|cu)$' |
  xargs -0 .venv/bin/clang-format --dry-run --Werror || fail "run .venv/bin/clang-format -i on these files"

stage "rooms"
python3 scripts/check_rooms.py || fail "a file includes what its room may not see (src/README.md)"

if [ ! -e build/release/src/core/generated/revision.h ]; then
  stage "clang-tidy: left out, nothing is built in build/release"
elif ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
  stage "clang-tidy: left out, there is no commit $base"
else
  mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp')
  stage "clang-tidy on ${#changed[@]} changed files"
  # It reads each file by itself; GCC's precompiled headers and parameters are nothing for it.
  cmake --preset cpu -B build/tidy -DVELATURA_UNITY=OFF -DVELATURA_TESTS=OFF >/dev/null
  sed -E -i "s/-Winvalid-pch -include [^ ]*cmake_pch\.hxx//; s/--param=[^ ]+//; s#build/tidy/(src/core/generated)#build/release/\1#" \
    build/tidy/compile_commands.json
  [ ${#changed[@]} = 0 ] || printf '%s\0' "${changed[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/tidy --quiet --warnings-as-errors='*' 2>/dev/null ||
    fail "clang-tidy objects"
fi
exit $failed
