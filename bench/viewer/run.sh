#!/usr/bin/env bash
# The viewer before VnaCloud and before Orthanc: a CT of 500 slices, to its first picture and to the whole stack.   run.sh [SLICES] [ROUNDS]
# Needs Node 20, nginx, chromium, orthanc and orthanc-dicomweb (Debian).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
for program in /usr/sbin/nginx /usr/sbin/Orthanc /usr/bin/chromium; do
  [ -x "$program" ] || { echo "$program is missing: apt-get install nginx-light orthanc orthanc-dicomweb chromium" >&2; exit 2; }
done
"$root/eng/viewer.sh" >&2
dotnet build "$root/src/VnaCloud.Server" -c Release -nologo -v:quiet -clp:NoSummary >&2
[ -d "$here/node_modules/playwright-core" ] || (cd "$here" && npm ci --silent --no-audit --no-fund --ignore-scripts)
exec node "$here/run.mjs" "$@"
