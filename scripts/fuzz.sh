#!/usr/bin/env bash
# Builds the fuzzers with clang and runs each on its kept corpus (tests/fixtures/fuzz), ending with a
# table; exit code 1 if one found something.
#   scripts/fuzz.sh [LIMIT [NAME...]]    LIMIT: -max_total_time=SECONDS (5 if not given), -runs=N
#   scripts/fuzz.sh keep [NAME...]       seeds and what runs have found become the kept corpus, reduced
source "$(dirname "$0")/common.sh"

kept=tests/fixtures/fuzz
folder=build/fuzz
limit="${1:--max_total_time=5}"
[ $# -eq 0 ] || shift

stage "setting up: compiler, libraries, libtorch"
scripts/setup.sh --cpu-only --fuzz
stage "building the fuzzers"
cmake --preset fuzz > "$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
cmake --build --preset fuzz --parallel "$(nproc)"
[ $# -gt 0 ] || set -- $(cd "$folder" && ls ./*_fuzzer | sed 's|./\(.*\)_fuzzer|\1|')

# Everything known so far: what is kept and what earlier runs found.
corpus_of() {
  local corpus="$folder/corpus/$1"
  mkdir -p "$corpus"
  [ ! -f "$kept/$1.tar.xz" ] || tar -xJf "$kept/$1.tar.xz" -C "$corpus" --skip-old-files
  echo "$corpus"
}

keep() {
  local corpus small="$folder/reduced/$1"
  corpus="$(corpus_of "$1")"
  rm -rf "$small" && mkdir -p "$small"
  "$folder/$1_fuzzer" -merge=1 "$small" "$corpus" "$folder/seeds/$1" > "$folder/$1.log" 2>&1
  mkdir -p "$kept"
  tar -C "$small" --sort=name --mtime=@0 --owner=0 --group=0 -cJf "$kept/$1.tar.xz" .
  stage "kept $(ls "$small" | wc -l) inputs of $1, $(stat -c %s "$kept/$1.tar.xz") bytes"
}

if [ "$limit" = keep ]; then
  .venv/bin/python scripts/fixtures/make_fuzz_seeds.py "$folder/seeds"
  for name; do keep "$name"; done
  exit
fi

failed=0
rows=""
for name; do
  stage "fuzzing $name"
  start=$SECONDS
  # A small file may hold 64 megapixels, which take their time under sanitizers.
  if "$folder/${name}_fuzzer" "$limit" -max_len=8192 -timeout=60 -rss_limit_mb=3072 \
      -artifact_prefix="$folder/found-$name-" "$(corpus_of "$name")" > "$folder/$name.log" 2>&1; then
    findings=0
  else
    findings=1
    failed=1
    grep -aE "ERROR|SUMMARY|runtime error|what\(\)|Test unit" "$folder/$name.log" | tail -5 >&2 || true
  fi
  runs="$(grep -aoE '^#[0-9]+' "$folder/$name.log" | tail -1 | tr -d '#')"
  rows+="| $name | $runs | $((SECONDS - start)) | $findings |"$'\n'
done
printf '\n| fuzzer | runs | seconds | findings |\n|---|---|---|---|\n%s' "$rows"
exit "$failed"
