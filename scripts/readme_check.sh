#!/usr/bin/env bash
# Runs every command that README.md and the manual show, block by block, in a folder of its own with stand-ins for the
# files that it names, and says where one fails. A comment that is a number is what the line must print.
#   scripts/readme_check.sh [FIRST WORDS]    only the blocks that hold these words
# Needs a build (scripts/test.sh).
source "$(dirname "$0")/common.sh"

root="$PWD" only="${1:-}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" PATH="$root/build/release:$PATH" OMP_WAIT_POLICY=passive
unset VELATURA_MODEL VELATURA_MODELS VELATURA_DATA XDG_CONFIG_HOME
fail() { echo "readme_check: $*" >&2; exit 1; }

# The files that the README's user has.
mkdir -p "$HOME" "$work/files"
cd "$work/files"
printf "a red circle\na blue star\n" >prompts.txt
cp -r "$root/tests/fixtures/models/tiny" stable-diffusion-2-1
for model in kandinsky-2-1 kandinsky-2-1-prior kandinsky-2-2-decoder kandinsky-2-2-prior; do
  cp -rL "$root/tests/fixtures/models/tiny-$model" "$model"
done
"$root/build/release/make_checkpoint" stable-diffusion-1 4 sd15.ckpt
velatura txt2img "a blue ring on a white background" --steps 4 --seed 1 --quiet -o photo.jpg >/dev/null
cp photo.jpg cat.jpg
python3 - <<'END'
import struct, zlib

def write(path, level):  # a grey PNG of 64 by 64
    rows = b"".join(b"\0" + bytes(level(x, y) for x in range(64)) for y in range(64))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for name, data in parts:
            file.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))

write("hole.png", lambda x, y: 255 * (16 < x < 48 and 16 < y < 48))
write("depth.png", lambda x, y: 4 * y)
END

# The checkout is elsewhere, what the README says in capitals stands for something of the user's, and the
# stand-in for a large model makes small pictures. A run that is killed is meant to be.
filled_in() {
  sed -E -e "s# (build/release)# $root/\1#; s#^scripts/#$root/scripts/#" -e 's/-W 768 -H 768/-W 64 -H 64/' \
    -e 's/^(timeout -s KILL [^#]*).*/\1 || true/' \
    -e 's/ PICTURE\.\.\./ circle.png/; s/ PICTURE\b/ circle.png/; s/ MODEL\b/ demo/; s/ COMMAND\b/ txt2img/'
}

# Blocks of shell, one a file; of these two run elsewhere: the tests run what runs this script.
awk -v work="$work" '/^```sh$/ { n++; file = sprintf("%s/block%02d", work, n); next } /^```/ { file = "" } file { print > file }' \
  "$root/README.md" "$root/.github/MANUAL.md"
for block in "$work"/block*; do
  grep -qF -- "$only" "$block" || continue
  filled_in <"$block" | grep -v 'scripts/test\.sh' >"$block.sh"
  echo "$ $(head -n 1 "$block.sh") …"
  bash -euo pipefail -x "$block.sh" </dev/null >"$block.out" 2>"$block.err" ||
    fail "the README or the manual, after: $(grep '^+ ' "$block.err" | tail -n 1)"$'\n'"$(grep -v '^+' "$block.err" | tail -n 5)"
  expected="$(sed -nE 's/^.*[^ ] +# ([0-9]+)$/\1/p' "$block" | tail -n 1)"
  [ -z "$expected" ] || [ "$(tail -n 1 "$block.out")" = "$expected" ] ||
    fail "the README or the manual says $expected, it is $(tail -n 1 "$block.out")"
done
grep -q 'scripts/test\.sh' "$root/.ci/run" || fail "nothing runs the README's tests"
echo "README.md and the manual: every command works"
