#!/usr/bin/env bash
# Installs a build, moves it, runs it, links the README's program against it and takes it away again.
#   install_test.sh BUILD CMAKE COMPILER
set -euo pipefail

build="$1" cmake="$2" compiler="$3"
source="$(cd "$(dirname "$0")/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
fail() { echo "install_test: $*" >&2; exit 1; }

"$cmake" --install "$build" --prefix "$work/first" >"$work/log" || fail "$(cat "$work/log")"
mv "$work/first" "$work/moved"
cd "$work"
prefix="$work/moved"
export PATH="$prefix/bin:$PATH" OMP_NUM_THREADS=1
unset VELATURA_DATA

[ "$(velatura --version | head -n 1)" = "$("$build/velatura" --version | head -n 1)" ] || fail "another version"
velatura txt2img "a red circle" --steps 1 --quiet -o circle.png >/dev/null
head -c 4 circle.png | grep -q PNG || fail "the installed program makes no picture"
velatura info demo >/dev/null || fail "the installed program has no bundled model"
for file in share/man/man1/velatura.1 share/bash-completion/completions/velatura \
  share/zsh/site-functions/_velatura share/fish/vendor_completions.d/velatura.fish; do
  [ -s "$prefix/$file" ] || fail "no $file"
done

mkdir program
cp "$source/tests/cli/embed_example.cpp" program/
cat >program/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(program CXX)
find_package(velatura 0.1 REQUIRED)
add_executable(program embed_example.cpp)
target_link_libraries(program PRIVATE velatura::velatura)
END
"$cmake" -S program -B program/build -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" >log 2>&1 &&
  "$cmake" --build program/build >log 2>&1 || fail "$(cat log)"
program/build/program "$prefix/share/velatura/models/demo" "a red circle" linked.png
head -c 4 linked.png | grep -q PNG || fail "the linked program makes no picture"

"$source/scripts/uninstall.sh" "$prefix" >/dev/null
[ -z "$(find "$prefix" -mindepth 1)" ] || fail "left behind: $(find "$prefix" -mindepth 1 | head -n 5 | xargs)"
! "$source/scripts/uninstall.sh" "$prefix" 2>/dev/null || fail "uninstalled twice"
