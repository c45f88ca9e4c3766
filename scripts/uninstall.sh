#!/usr/bin/env bash
# Takes away what `cmake --install` put under a prefix, and folders that are empty then.
#   scripts/uninstall.sh PREFIX
set -euo pipefail

[ $# = 1 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
cd "$1"
manifest=share/velatura/manifest.txt
[ -f $manifest ] || { echo "uninstall: $1 holds no $manifest: velatura is not installed there" >&2; exit 2; }
mapfile -t files <$manifest
rm -f -- "${files[@]}"
printf '%s\n' "${files[@]}" | while IFS= read -r file; do
  folder="$(dirname "$file")"
  while [ "$folder" != . ] && rmdir -- "$folder" 2>/dev/null; do folder="$(dirname "$folder")"; done
done
echo "velatura is gone from $1"
