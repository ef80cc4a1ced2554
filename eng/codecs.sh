#!/usr/bin/env bash
# The codec worker vna-codec: installs the libraries that it is built of (Debian, as root), and builds it into artifacts/codecs.
#   eng/codecs.sh [--no-install]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
packages=(g++ cmake make pkg-config libopenjph-dev libopenjp2-7-dev libcharls-dev libjpeg62-turbo-dev)

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
