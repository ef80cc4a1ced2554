#!/usr/bin/env bash
# The codec worker vna-codec: installs the libraries that it is built of (Debian and its kin, as root), and builds it into artifacts/codecs.
# Beside it runtime-packages lists the packages that its libraries are in: what a machine needs that only runs it.
#   eng/codecs.sh [--no-install]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
packages=(g++ cmake make pkg-config libopenjph-dev libopenjp2-7-dev libcharls-dev libjpeg-dev)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "${1:-}" = --no-install ] || ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "codecs.sh: not installed: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
cmake -S "$root/src/VnaCloud.Codecs" -B "$root/artifacts/codecs/build" -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$root/artifacts/codecs/build" -j "$(nproc)" >/dev/null
mv -f "$root/artifacts/codecs/build/vna-codec" "$root/artifacts/codecs/vna-codec"
if command -v dpkg-query >/dev/null; then
  # The name behind all links: what the worker asks for may be a link that several packages make.
  ldd "$root/artifacts/codecs/vna-codec" | awk '$3 ~ "^/" { print $3 }' | while read -r library; do
    dpkg-query -S "*/$(basename "$(realpath "$library")")"
  done | cut -d: -f1 | sort -u >"$root/artifacts/codecs/runtime-packages"
fi
