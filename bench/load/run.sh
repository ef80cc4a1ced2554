#!/bin/bash
# Load test: VnaCloud and Orthanc on the same data, with targets.   run.sh [--quick] [--only NAME,NAME]   (see README.md)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

only= previous=
for argument in "$@"; do
  case $argument in --only=*) only=${argument#--only=} ;; esac
  [ "$previous" = --only ] && only=$argument
  previous=$argument
done
takes_part() { [[ ,$only, == *,$1,* ]] || ! [[ ,$only, =~ ,(vna|orthanc|bare), ]]; }

build() { dotnet build "$root/$1" -c Release -nologo -v:quiet >&2; }
if takes_part vna; then build src/VnaCloud.Server; "$root/eng/codecs.sh" >&2; fi
if [[ ,$only, == *,stack,* ]]; then build bench/load/puts; fi
if takes_part bare; then build bench/load/bare; fi
if takes_part orthanc && ! [ -x /usr/sbin/Orthanc ]; then
  echo "Orthanc is missing: apt-get install orthanc orthanc-dicomweb, or leave it out with --only vna,bare" >&2
  exit 2
fi
[ -d "$here/node_modules/undici" ] || (cd "$here" && npm ci --silent --no-audit --no-fund)
exec node "$here/run.mjs" "$@"
