#!/usr/bin/env bash
# A scanner's study over a long line: bench/gateway/wan.sh [objects, 400] [round trip in ms, 80] [Mbit/s, 100] [lost packets per mille, 5]
# Two network namespaces, a relay between them (wan.c). On one side gateway and scanner, on the other the archive; then Orthanc in the gateway's place.
# Needs root, the .NET SDK, and from Debian gcc, iproute2 and orthanc with orthanc-dicomweb.
set -euo pipefail
cd "$(dirname "$0")/../.."
objects=${1:-400} round_trip=${2:-80} rate=${3:-100} loss=${4:-5}
root=$(pwd) out=${VNA_BENCH_DIR:-$root/bench/gateway/out}
mkdir -p "$out" && work=$(mktemp -d "$out/wan-XXXXXX")
site=vna-site-$$ cloud=vna-cloud-$$ pids=()
stop() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  ip netns del "$site" 2>/dev/null || true
  ip netns del "$cloud" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
for project in bench/gateway/StoreBench.csproj src/VnaCloud.Gateway/VnaCloud.Gateway.csproj src/VnaCloud.Server/VnaCloud.Server.csproj; do
  dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary
done
gcc -O2 -o "$work/wan" bench/gateway/wan.c
ip netns add "$site"
ip netns add "$cloud"
"$work/wan" "$site" "$cloud" $((round_trip / 2)) "$rate" "$loss" >"$work/wan.log" & pids+=($!)
until grep -q ready "$work/wan.log"; do sleep 0.1; done
address=1
for space in "$site" "$cloud"; do
  ip -n "$space" addr add "10.77.0.$address/30" dev wan0
  ip -n "$space" link set wan0 up mtu 1500
  ip -n "$space" link set lo up
  address=2
done
at_site() { ip netns exec "$site" "$@"; }

archive=http://10.77.0.2:8080
ip netns exec "$cloud" dotnet artifacts/bin/VnaCloud.Server/release/vnacloud-server.dll --urls "$archive" --Vna:Auth:Mode None --Vna:Rehearsal false --Vna:Storage:Path "$work/archive" >"$work/archive.log" 2>&1 & pids+=($!)
until ip netns exec "$cloud" curl -sf -o /dev/null "$archive/health/ready"; do sleep 0.2; done
stored() { ip netns exec "$cloud" curl -s "$archive/dicom-web/instances?limit=1" -D - -o /dev/null | tr -d '\r' | awk -F': ' 'tolower($1) == "x-total-count" { n = $2 } END { print n + 0 }'; }
now() { date +%s.%N; }

# One job: how fast the scanner is rid of it, and when the archive has it.
job() { # name, port, AE title
  local before begun received arrived
  before=$(stored) begun=$(now)
  rate_in=$(at_site dotnet artifacts/bin/StoreBench/release/StoreBench.dll "$2" "$3" 4 "$objects")
  received=$(now)
  until [ "$(stored)" -ge $((before + objects)) ]; do
    if awk -v a="$begun" -v b="$(now)" 'BEGIN { exit !(b - a > 600) }'; then echo "$1: $(($(stored) - before)) of $objects after ten minutes"; return; fi
    sleep 0.2
  done
  arrived=$(now)
  awk -v name="$1" -v n="$objects" -v a="$begun" -v b="$received" -v c="$arrived" -v r="$rate_in" -v mbit="$rate" 'BEGIN {
    used = n * 527 * 8 / 1000 / (c - a)
    printf "%s: %d objects taken in %.1f s (%.0f/s), all in the archive after %.1f s: %.1f Mbit/s of data, %.0f %% of the line\n", name, n, b - a, r, c - a, used, 100 * used / mbit }'
}

ip netns exec "$site" dotnet artifacts/bin/VnaCloud.Gateway/release/vnacloud-gateway.dll --Gateway:Archive:Url "$archive/dicom-web" --Gateway:Spool:Path "$work/spool" --Logging:LogLevel:Default Warning ${GATEWAY_ARGUMENTS:-} >"$work/gateway.log" 2>&1 & pids+=($!)
until at_site curl -sf -o /dev/null http://127.0.0.1:8081/health/ready; do sleep 0.2; done
echo "load at start: $(cut -d' ' -f1-3 /proc/loadavg); $round_trip ms, $rate Mbit/s, $loss per mille lost"
job gateway 11112 VNACLOUD
kill "${pids[-1]}"

if [ -x /usr/sbin/Orthanc ]; then
  export TCP_NODELAY=1
  mkdir "$work/orthanc"
  cat >"$work/forward.lua" <<'LUA'
function OnStoredInstance(instance)
  RestApiPost('/dicom-web/servers/archive/stow', '{ "Resources" : [ "' .. instance .. '" ], "Synchronous" : false }')
end
LUA
  cat >"$work/orthanc.json" <<JSON
{ "StorageDirectory": "$work/orthanc", "IndexDirectory": "$work/orthanc", "HttpPort": 8042, "DicomPort": 4242, "DicomAet": "ORTHANC", "AuthenticationEnabled": false, "SyncStorageArea": true,
  "DicomAlwaysAllowStore": true, "OverwriteInstances": false, "ConcurrentJobs": 16, "JobsHistorySize": 10, "LuaScripts": [ "$work/forward.lua" ],
  "Plugins": [ "/usr/share/orthanc/plugins/libOrthancDicomWeb.so" ], "DicomWeb": { "Enable": true, "Servers": { "archive": { "Url": "$archive/dicom-web/", "ChunkedTransfers": true } } } }
JSON
  ip netns exec "$site" /usr/sbin/Orthanc "$work/orthanc.json" >"$work/orthanc.log" 2>&1 & pids+=($!)
  until at_site curl -sf -o /dev/null http://127.0.0.1:8042/system; do sleep 0.2; done
  job Orthanc 4242 ORTHANC
fi
