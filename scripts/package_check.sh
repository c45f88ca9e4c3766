#!/usr/bin/env bash
# Tries what scripts/package.sh made as a new user would: tarball and .deb in a bare system made by
# debootstrap, the wheel in a new venv, each outside the checkout. Needs root and debootstrap.
#   scripts/package_check.sh [--suite NAME] [--mirror URL] [--tree FOLDER] [tarball] [deb] [wheel]
#     --suite   bookworm if not given; jammy (with an Ubuntu mirror) is Ubuntu 22.04
#     --tree    where the bare system is, or is made and stays
source "$(dirname "$0")/common.sh"

suite=bookworm mirror="" tree=""
while [[ "${1:-}" == --* ]]; do
  case "$1" in
    --suite) suite="$2" ;;
    --mirror) mirror="$2" ;;
    --tree) tree="$2" ;;
    *) echo "package_check: no option $1" >&2; exit 2 ;;
  esac
  shift 2
done
kinds=("$@")
[ $# -gt 0 ] || kinds=(tarball deb wheel)

dist="$PWD/dist"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
tree="${tree:-$work/bare}"
fail() { echo "package_check: $*" >&2; exit 1; }
unset VELATURA_DATA VELATURA_MODEL VELATURA_MODELS

# try RUN…: the program, started by RUN, makes a picture, knows itself and has no GPU.
try() {
  "$@" --version >"$work/version"
  head -n 1 "$work/version"
  "$@" txt2img "a red circle on a white background" --steps 4 --seed 7 --quiet -o - >"$work/picture.png"
  head -c 4 "$work/picture.png" | grep -q PNG || fail "no picture from $*"
  "$@" selftest --quiet >/dev/null || fail "selftest: $*"
  "$@" man >"$work/manual"
  grep -q '^\.TH' "$work/manual" || fail "no manual page from $*"
}

bare() {
  [ -d "$tree" ] || {
    stage "making a bare $suite"
    debootstrap --variant=minbase "$suite" "$tree" $mirror >"$work/log" 2>&1 || fail "$(tail -n 3 "$work/log")"
  }
  unshare --mount --pid --fork bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "${@}"' "$tree" "$@"
}

check_tarball() {
  bare true
  cp "$dist"/velatura-*-linux-x86_64.tar.gz "$tree/tmp/velatura.tar.gz"
  bare tar -xzf /tmp/velatura.tar.gz -C /opt
  bare sh -c 'mv /opt/velatura-* "/opt/moved away"'
  try bare "/opt/moved away/bin/velatura"
  bare rm -rf "/opt/moved away" /tmp/velatura.tar.gz
}

check_deb() {
  bare true
  cp "$dist"/velatura_*_amd64.deb "$tree/tmp/velatura.deb"
  bare dpkg -i /tmp/velatura.deb >/dev/null
  try bare velatura
  bare dpkg -r velatura >/dev/null
  [ -z "$(bare find /usr -path '*velatura*')" ] || fail "left behind: $(bare find /usr -path '*velatura*' | head -n 3)"
}

check_wheel() {
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$dist"/velatura-*.whl
  cd "$work"
  try "$work/venv/bin/velatura"
  try "$work/venv/bin/python" -m velatura
  [ -s "$work/venv/share/man/man1/velatura.1" ] || fail "no manual page in the venv"
  "$work/venv/bin/pip" uninstall --quiet --yes velatura
  [ ! -e "$work/venv/bin/velatura" ] || fail "pip left the program behind"
}

for kind in "${kinds[@]}"; do
  stage "trying $kind"
  check_"$kind"
done
stage "all well"
