#!/usr/bin/env bash
# Builds Release and runs the server with the given arguments; `./run.sh vna ...` runs the command line tool, `./run.sh gateway ...` the DIMSE gateway instead.
# `./run.sh --with-codecs ...` installs and builds the codec worker first (JPEG-LS, JPEG 2000, HTJ2K, pictures); later runs find it.
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)

if ! command -v dotnet >/dev/null; then
  echo "run.sh: the .NET 10 SDK is not installed (command 'dotnet' not found)." >&2
  exit 1
fi

project=VnaCloud.Server assembly=vnacloud-server
case ${1:-} in
  vna) project=VnaCloud.Cli assembly=vna; shift ;;
  gateway) project=VnaCloud.Gateway assembly=vnacloud-gateway; shift ;;
esac

if [ "${1:-}" = --with-codecs ]; then
  shift
  "$root/eng/codecs.sh"
fi
if [ -x "$root/artifacts/codecs/vna-codec" ]; then
  export Vna__Codecs__Program=${Vna__Codecs__Program:-$root/artifacts/codecs/vna-codec}
  export Gateway__Codecs__Program=${Gateway__Codecs__Program:-$Vna__Codecs__Program}
fi

# The viewer (OHIF) is prepared once, where Node is; without it the archive runs all the same.
if [ $assembly = vnacloud-server ]; then
  "$root/eng/viewer.sh" --once || true
  [ ! -f "$root/artifacts/viewer/viewer.json" ] || export Vna__Viewer__Path=${Vna__Viewer__Path:-$root/artifacts/viewer}
fi

# Quiet unless it fails: what matters is what the server says.
if ! log=$(dotnet build "$root/src/$project/$project.csproj" -c Release --nologo -v quiet -clp:NoSummary 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi
exec dotnet "$root/artifacts/bin/$project/release/$assembly.dll" "$@"
