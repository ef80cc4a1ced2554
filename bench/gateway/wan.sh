#!/usr/bin/env bash
# A scanner's study over a long line: bench/gateway/wan.sh [objects, 300] [runs, 3] [round trip in ms, 80] [Mbit/s, 100] [lost packets per mille, 5]
# Two network namespaces, a relay between them (wan.c). On one side gateway and scanner, on the other the archive. The gateway forwards as it is received,
# then compressed; then Orthanc has the gateway's place. Each is started anew for each run and sends 20 slices before, which do not count: a gateway runs
# for months. Medians of the runs. Of the line it says what of its rate was data, and how busy it was by the bytes that it carried: headers of IP and TCP
# are 3.5 % of them.
# Slices are copies of the real ones of the corpus (VNA_CORPUS), each with a UID of its own; without a corpus they are noise, and nothing is compressed.
# Needs root, the .NET SDK, and from Debian gcc, iproute2 and orthanc with orthanc-dicomweb; for compression eng/codecs.sh.
# VNA_WAN_JOBS names fewer jobs, VNA_BENCH_BUILT=1 says that all is built.
set -euo pipefail
cd "$(dirname "$0")/../.."
objects=${1:-300} runs=${2:-3} round_trip=${3:-80} rate=${4:-100} loss=${5:-5}
root=$(pwd) out=${VNA_BENCH_DIR:-$root/bench/gateway/out} corpus=${VNA_CORPUS:-$root/../shared/corpus} codec=$root/artifacts/codecs/vna-codec
jobs=${VNA_WAN_JOBS:-gateway compressed Orthanc}
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
if [ -z "${VNA_BENCH_BUILT:-}" ]; then
  for project in bench/gateway/StoreBench.csproj src/VnaCloud.Gateway/VnaCloud.Gateway.csproj src/VnaCloud.Server/VnaCloud.Server.csproj; do
    dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary
  done
fi
slices=()
if [ -f "$corpus/valid/MANIFEST.tsv" ]; then
  mapfile -t slices < <(awk -F'\t' '$5 ~ /^(Ex|Im)plicitVRLittleEndian$/ && $7 == "CTImageStorage" && $11 == 512 && $12 == 512 && $14 == 16 && $18 == "ok" && $25 == "real" { print $1 }' "$corpus/valid/MANIFEST.tsv" | sed "s#^#$corpus/valid/#")
fi
gcc -O2 -o "$work/wan" bench/gateway/wan.c
ip netns add "$site"
ip netns add "$cloud"
"$work/wan" "$site" "$cloud" $((round_trip / 2)) "$rate" "$loss" >"$work/wan.log" & line=$! && pids+=("$line")
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
ip netns exec "$cloud" dotnet artifacts/bin/VnaCloud.Server/release/vnacloud-server.dll --urls "$archive" --Vna:Auth:Mode None --Vna:Rehearsal false --Vna:Storage:Path "$work/archive" --Vna:Codecs:Program "$codec" >"$work/archive.log" 2>&1 & pids+=($!)
patiently() { # a condition that holds within a minute, or all is over
  for _ in {1..600}; do if "$@"; then return; fi; sleep 0.1; done
  echo "This did not become true within a minute: $*" >&2
  exit 1
}
patiently ip netns exec "$cloud" curl -sf -o /dev/null "$archive/health/ready"
stored() { ip netns exec "$cloud" curl -s "$archive/dicom-web/instances?limit=1" -D - -o /dev/null | tr -d '\r' | awk -F': ' 'tolower($1) == "x-total-count" { n = $2 } END { print n + 0 }'; }
now() { date +%s.%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# Bytes that the line has carried towards the archive.
carried() {
  local lines
  lines=$(wc -l <"$work/wan.log")
  kill -USR1 "$line"
  while [ "$(wc -l <"$work/wan.log")" = "$lines" ]; do sleep 0.01; done
  tail -1 "$work/wan.log" | cut -d' ' -f1
}

# Sends so many slices: seconds until the sender is rid of them and until the archive has them, their bytes, and those that the line carried meanwhile.
job() { # port, AE title, objects
  local before sender received arrived carried here
  before=$(stored)
  carried=$(carried)
  sender=$(at_site dotnet artifacts/bin/StoreBench/release/StoreBench.dll "$1" "$2" 4 "$3" "${slices[@]}")
  received=$(now)
  # Asking takes from what is measured: seldom until most are there.
  for ((i = 0; (here = $(stored) - before) < $3; i++)); do
    if [ "$i" -gt 600 ]; then echo "$here of $3 arrived, and no more come" >&2; exit 1; fi
    sleep "$(awk -v here="$here" -v all="$3" 'BEGIN { print here < 0.9 * all ? 0.4 : 0.05 }')"
  done
  arrived=$(now)
  awk -v sender="$sender" -v received="$received" -v arrived="$arrived" -v carried=$(($(carried) - carried)) 'BEGIN { split(sender, s, " "); print received - s[2], arrived - s[2], s[3], carried }'
}

start_gateway() { # folder, settings
  local folder=$1
  shift
  ip netns exec "$site" dotnet artifacts/bin/VnaCloud.Gateway/release/vnacloud-gateway.dll --Gateway:Archive:Url "$archive/dicom-web" --Gateway:Spool:Path "$folder" --Gateway:Codecs:Program "$codec" --Logging:LogLevel:Default Warning "$@" ${GATEWAY_ARGUMENTS:-} >"$folder.log" 2>&1 & pids+=($!)
  patiently at_site curl -sf -o /dev/null http://127.0.0.1:8081/health/ready
}

start_orthanc() { # folder
  export TCP_NODELAY=1
  mkdir "$1"
  cat >"$work/forward.lua" <<'LUA'
function OnStoredInstance(instance)
  RestApiPost('/dicom-web/servers/archive/stow', '{ "Resources" : [ "' .. instance .. '" ], "Synchronous" : false }')
end
LUA
  cat >"$1.json" <<JSON
{ "StorageDirectory": "$1", "IndexDirectory": "$1", "HttpPort": 8042, "DicomPort": 4242, "DicomAet": "ORTHANC", "AuthenticationEnabled": false, "SyncStorageArea": true,
  "DicomAlwaysAllowStore": true, "OverwriteInstances": false, "ConcurrentJobs": 16, "JobsHistorySize": 10, "LuaScripts": [ "$work/forward.lua" ],
  "Plugins": [ "/usr/share/orthanc/plugins/libOrthancDicomWeb.so" ], "DicomWeb": { "Enable": true, "Servers": { "archive": { "Url": "$archive/dicom-web/", "ChunkedTransfers": true } } } }
JSON
  ip netns exec "$site" /usr/sbin/Orthanc "$1.json" >"$1.log" 2>&1 & pids+=($!)
  patiently at_site curl -sf -o /dev/null http://127.0.0.1:8042/system
}

warm_job() { # port, AE title
  job "$1" "$2" 20 >/dev/null
  job "$1" "$2" "$objects"
}

# One run of one job, on a service that is started for it.
run() { # name, number
  local folder=$work/$1-$2
  case $1 in
    gateway) start_gateway "$folder" && warm_job 11112 VNACLOUD ;;
    compressed) start_gateway "$folder" --Gateway:Archive:Compression Htj2k && warm_job 11112 VNACLOUD ;;
    Orthanc) start_orthanc "$folder" && warm_job 4242 ORTHANC ;;
  esac >>"$work/$1.results"
  kill "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null || true
  unset 'pids[-1]'
  rm -rf "$folder"
}

echo "load at start: $(cut -d' ' -f1-3 /proc/loadavg); $round_trip ms, $rate Mbit/s, $loss per mille lost; $objects slices, copies of ${#slices[@]} real ones; medians of $runs"
start_gateway "$work/warm-up" && job 11112 VNACLOUD 20 >/dev/null
kill "${pids[-1]}" && wait "${pids[-1]}" 2>/dev/null || true
unset 'pids[-1]'
chosen=()
for name in $jobs; do
  case $name in
    compressed) if [ ! -x "$codec" ] || [ ${#slices[@]} = 0 ]; then echo "compressed: left out without eng/codecs.sh and a corpus"; continue; fi ;;
    Orthanc) if [ ! -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ]; then echo "Orthanc: left out without orthanc-dicomweb"; continue; fi ;;
  esac
  chosen+=("$name")
done
for ((number = 1; number <= runs; number++)); do
  for name in "${chosen[@]}"; do run "$name" "$number"; done
done
for name in "${chosen[@]}"; do
  awk -v name="$name" -v rate="$rate" -v taken="$(cut -d' ' -f1 "$work/$name.results" | median)" -v arrived="$(cut -d' ' -f2 "$work/$name.results" | median)" -v bytes="$(cut -d' ' -f3 "$work/$name.results" | median)" \
    -v carried="$(cut -d' ' -f4 "$work/$name.results" | median)" \
    -v first="$(cut -d' ' -f2 "$work/${chosen[0]}.results" | median)" 'BEGIN {
    used = bytes * 8 / 1e6 / arrived
    printf "%s: %.0f MB taken in %.1f s, all in the archive after %.1f s: %.1f Mbit/s of data, %.0f %% of the line, which was %.0f %% busy; %.0f %% of the first one'"'"'s time\n", name, bytes / 1e6, taken, arrived, used, 100 * used / rate, carried * 800 / 1e6 / arrived / rate, 100 * arrived / first }'
done
