#!/usr/bin/env bash
# C-STORE into the gateway's spool beside Orthanc, both durable, on the same disk: bench/gateway/run.sh [objects a run, 400]
# Needs the .NET SDK, and from Debian orthanc and gcc. Five runs in turn, medians; the archive behind the gateway is not there, so that only receiving is measured.
set -euo pipefail
cd "$(dirname "$0")/../.."
objects=${1:-400}
root=$(pwd) work=${VNA_BENCH_DIR:-$root/bench/gateway/out}
mkdir -p "$work" && work=$(mktemp -d "$work/run-XXXXXX")
pids=()
stop() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT
for project in bench/gateway/StoreBench.csproj src/VnaCloud.Gateway/VnaCloud.Gateway.csproj; do
  dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary
done
free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Both ends without Nagle's delay: Debian's DCMTK stalls with it.
export TCP_NODELAY=1
cc -shared -fPIC -O2 -o "$work/loopback.so" bench/load/servers/loopback.c -ldl
orthanc=$(free_port) web=$(free_port) gateway=$(free_port) status=$(free_port)
mkdir "$work/orthanc"
cat >"$work/orthanc.json" <<JSON
{ "StorageDirectory": "$work/orthanc", "IndexDirectory": "$work/orthanc", "HttpPort": $web, "DicomPort": $orthanc, "DicomAet": "ORTHANC", "RemoteAccessAllowed": false,
  "AuthenticationEnabled": false, "SyncStorageArea": true, "TcpNoDelay": true, "DicomCheckCalledAet": false, "DicomAlwaysAllowStore": true, "OverwriteInstances": false, "StableAge": 3600 }
JSON
LD_PRELOAD="$work/loopback.so" /usr/sbin/Orthanc "$work/orthanc.json" >"$work/orthanc.log" 2>&1 & pids+=($!)
dotnet artifacts/bin/VnaCloud.Gateway/release/vnacloud-gateway.dll --Gateway:Dimse:Port "$gateway" --Gateway:Http:Urls "http://127.0.0.1:$status" \
  --Gateway:Spool:Path "$work/spool" --Gateway:Archive:Url http://127.0.0.1:1/dicom-web --Logging:LogLevel:Default Warning >"$work/gateway.log" 2>&1 & pids+=($!)
for port in "$web" "$status"; do
  for _ in $(seq 200); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.1; done
done

store() { dotnet artifacts/bin/StoreBench/release/StoreBench.dll "$1" "$2" "$3" "$4" | cut -d' ' -f1; }
cpu() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
store "$orthanc" ORTHANC 4 100 >/dev/null
store "$gateway" VNACLOUD 4 100 >/dev/null
echo "load at start: $(cut -d' ' -f1-3 /proc/loadavg)"
for associations in 1 4; do
  : >"$work/o" && : >"$work/g"
  before_o=$(cpu "${pids[0]}") before_g=$(cpu "${pids[1]}")
  for _ in 1 2 3 4 5; do
    store "$orthanc" ORTHANC "$associations" "$objects" >>"$work/o"
    store "$gateway" VNACLOUD "$associations" "$objects" >>"$work/g"
  done
  o=$(median <"$work/o") g=$(median <"$work/g")
  awk -v a="$associations" -v o="$o" -v g="$g" -v n=$((5 * objects)) -v co=$(($(cpu "${pids[0]}") - before_o)) -v cg=$(($(cpu "${pids[1]}") - before_g)) 'BEGIN {
    printf "%d association%s: gateway %.0f objects/s, Orthanc %.0f, %.1f times; CPU per 1,000: gateway %.2f s, Orthanc %.2f s\n", a, (a > 1 ? "s" : ""), g, o, g / o, cg * 10 / n, co * 10 / n }'
done
echo "gateway's peak resident memory: $(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/${pids[1]}/status") MB"
