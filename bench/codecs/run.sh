#!/usr/bin/env bash
# Frames through the pool of codec workers, beside the same libraries in a plain loop: bench/codecs/run.sh [the end of a transfer syntax UID, such as .4.50]
set -euo pipefail
cd "$(dirname "$0")/../.."
eng/codecs.sh
build=artifacts/codecs/bench
mkdir -p "$build"
g++ -std=gnu++17 -O3 -fstack-protector-strong -D_FORTIFY_SOURCE=2 $(pkg-config --cflags libopenjp2 charls libjpeg) bench/codecs/loop.cpp src/VnaCloud.Codecs/{rows,jpeg,jpegls,jpeg2000,htj2k}.cpp \
  $(pkg-config --libs libopenjp2 charls libjpeg) -lopenjph -o "$build/codec-loop"
dotnet build bench/codecs/CodecBench.csproj -c Release --nologo -v quiet -clp:NoSummary
artifacts/bin/CodecBench/release/CodecBench artifacts/codecs/vna-codec "$build/codec-loop" "$@"
