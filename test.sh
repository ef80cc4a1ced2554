#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test, and ends with one line: N passed, N failed, N skipped.
#   ./test.sh             everything, as CI runs it
#   ./test.sh --fast      the inner loop: samples of the long tests, no end-to-end tests, nothing installed
#   ./test.sh --long      the full counts
#   ./test.sh [...] WORD  only tests whose full name contains WORD
set -uo pipefail
cd "$(dirname "$0")" || exit 1

mode=ci filter=()
while [ $# -gt 0 ]; do
  case $1 in
    --fast) mode=fast; export VNA_FAST=1 ;;
    --long) mode=long; export VNA_LONG=1 ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "test.sh: unknown option $1" >&2; exit 2 ;;
    *) filter+=(-method "*$1*") ;;
  esac
  shift
done

# Real S3 stores (Ceph's gateway, and Swift, which can less), started by the tests themselves: tests/servers.
packages_s3=(ceph-mon ceph-osd radosgw ceph-common curl swift-proxy swift-account swift-container swift-object memcached)
# What the renderer of the chart is made of: 90 MB to fetch, half a minute.
packages_chart=(golang-go golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev)
# Oracles (DCMTK, pydicom, GDCM, Prometheus' promtool), a browser, a tracer and a client: never parts of the product.
packages=(dcmtk python3-pydicom python3-numpy libgdcm-tools python3-gdcm chromium strace tar libarchive-tools unzip gcc libc6-dev libopenjp2-tools liblcms2-utils nginx-light postgresql orthanc orthanc-dicomweb prometheus "${packages_s3[@]}" "${packages_chart[@]}")
install_packages() {
  local missing=()
  # The tests start servers of their own; Debian's package would make and start one more.
  if [ ! -e /etc/postgresql-common/createcluster.conf ] && mkdir -p /etc/postgresql-common 2>/dev/null; then
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "Installing ${missing[*]}"
  # Nor are the services of the other packages wanted (Orthanc's takes port 4242 of every address): Debian's way to say so, for this installation.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ] && printf '#!/bin/sh\nexit 101\n' >$policy 2>/dev/null; then chmod 755 $policy; trap "rm -f $policy" EXIT; else policy=; fi
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/vna-test-install.log 2>&1; then
    echo "test.sh: could not install ${missing[*]}; tests that need them are skipped and say so (/tmp/vna-test-install.log)." >&2
  fi
  [ -z "$policy" ] || { rm -f "$policy"; trap - EXIT; }
}
# The image is built in the long run only.
[ "$mode" != long ] || packages+=(buildah mmdebstrap runc)
[ "$mode" = fast ] || install_packages
[ "$mode" = fast ] || tests/servers/swift-s3.sh configure

export VNA_CORPUS=${VNA_CORPUS:-$(cd .. && pwd)/shared/corpus}
started=$SECONDS
# Native codecs, in a worker process of their own.
if [ "$mode" = fast ]; then
  eng/codecs.sh --no-install || echo "test.sh: no codec worker; tests that need it are skipped and say so." >&2
else
  eng/codecs.sh >/tmp/vna-test-codecs.log 2>&1 || echo "test.sh: could not build the codec worker; tests that need it are skipped and say so (/tmp/vna-test-codecs.log)." >&2
fi
# The viewer, by npm.
[ "$mode" = fast ] || eng/viewer.sh >/tmp/vna-test-viewer.log 2>&1 || echo "test.sh: could not prepare the viewer; tests that need it are skipped and say so (/tmp/vna-test-viewer.log)." >&2
# One compiler for all projects: each would begin with a cold one. It ends with the build, but in the inner loop, where the next build wants it.
dotnet build VnaCloud.sln -c Release --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=true || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
echo "Built in $((SECONDS - started)) s"

# The servers that are killed again and again start sooner, as they do from an image, when they are compiled ahead of time.
publish() {
  dotnet publish "src/$1" -c Release --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=true -r "$rid" --self-contained false -p:PublishReadyToRun=true
}
if [ "$mode" != fast ] && [ ${#filter[@]} -eq 0 ]; then
  started=$SECONDS rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  if publish VnaCloud.Server && publish VnaCloud.Cli && publish VnaCloud.Gateway; then
    export VNA_SERVER=$PWD/artifacts/publish/VnaCloud.Server/release_$rid/vnacloud-server.dll
    export VNA_GATEWAY=$PWD/artifacts/publish/VnaCloud.Gateway/release_$rid/vnacloud-gateway.dll
    echo "Published in $((SECONDS - started)) s"
  else
    echo "Could not publish for $rid: the tests start the servers of the build, which takes longer."
  fi
fi
[ "$mode" = fast ] || dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Runs one test project (name, suffix of another run of it, arguments); its counts go to a file, so that two can run side by side.
run() {
  local name=$1${2:+, $2} exe=artifacts/bin/$1/release/$1 log=$results/$1${2:-}.log begun=$SECONDS
  "./$exe" -noLogo -xml "$results/$1${2:-}.xml" "${@:3}" "${filter[@]}" >"$log" 2>&1
  local code=$? total errors bad skip line
  line=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -1)
  if [ -z "$line" ]; then
    # A filter that meets nothing here is no failure; a runner that died is one.
    if [ $code -ne 0 ] && [ ${#filter[@]} -eq 0 ]; then cat "$log"; echo "$name did not finish (exit $code)"; echo "0 1 0" >"$results/$name.counts"; fi
    return
  fi
  read -r total errors bad skip < <(grep -oE '[0-9]+' <<<"$line" | tr '\n' ' ')
  grep -E '\[(FAIL|SKIP)\]' "$log" | head -60
  if [ $((bad + errors)) -gt 0 ]; then
    cat "$log"
    { echo "$name"; grep -A 12 -E '\[FAIL\]' "$log" | cut -c 1-400; } >>"$results/failures"
  fi
  echo "$((total - bad - skip)) $((bad + errors)) $skip" >"$results/$name.counts"
  printf '%-32s %5d tests, %d failed, %d skipped, %d s\n' "$name" "$total" $((bad + errors)) "$skip" $((SECONDS - begun))
}

export VNA_FAULT_TABLE=$results/faults
if [ "$mode" = fast ]; then
  run VnaCloud.Server.Tests & # as long as all others together, and half of it waits for the disk
fi
for project in tests/*.Tests; do
  name=$(basename "$project")
  case $mode:$name:${#filter[@]} in
    fast:VnaCloud.Server.Tests:*) ;;
    fast:VnaCloud.EndToEnd.Tests:0) echo "$name: not in the inner loop, but by name (./test.sh --fast WORD)." ;;
    *) run "$name" ;;
  esac
done
wait
# The whole HTTP suite once more, on two servers behind nginx, PostgreSQL and Ceph.
if [ "$mode" != fast ] && command -v radosgw >/dev/null && [ -d /usr/lib/postgresql ] && [ -x /usr/sbin/nginx ]; then
  # Most of a test there is waiting for a database, a bucket and two servers.
  VNA_STACK=balanced run VnaCloud.Server.Tests balanced -maxThreads 6
  # And what a browser sees, on PostgreSQL and Ceph, under a path behind nginx.
  [ "$mode" != long ] || VNA_STACK=cloud run VnaCloud.EndToEnd.Tests cloud -namespace VnaCloud.EndToEnd.Tests.Browser -namespace VnaCloud.EndToEnd.Tests.Viewer
elif [ "$mode" != fast ]; then
  echo "PostgreSQL, Ceph or nginx is not installed: the HTTP tests ran on one server, SQLite and a folder only."
fi

if [ "$mode" != fast ] && [ ${#filter[@]} -eq 0 ]; then
  echo "Longest classes of tests, in seconds (tests of one project run side by side):"
  grep -ohE '<test [^>]*' "$results"/*.xml | sed -E 's/.* time="([^"]*)".* type="VnaCloud\.([^"]*)".*/\2 \1/' |
    awk '{ seconds[$1] += $2 } END { for (class in seconds) printf "%7.0f  %s\n", seconds[class], class }' | sort -rn | head -25
fi

passed=0 failed=0 skipped=0
while read -r good bad skip; do
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
done < <(cat "$results"/*.counts)
if [ -s "$VNA_FAULT_TABLE" ]; then
  sort -V -o "$VNA_FAULT_TABLE" "$VNA_FAULT_TABLE"
  { printf 'id\tinjected\ttimes\tacknowledged\tlost\trecovered in s\tseed\n'; cat "$VNA_FAULT_TABLE"; } | column -t -s $'\t'
  [ "$mode" = long ] && [ ${#filter[@]} -eq 0 ] && eng/fault-table.sh "$VNA_FAULT_TABLE" docs/reliability.md
fi
# Once more, where it is found: nothing but the counts comes behind it.
[ ! -s "$results/failures" ] || { echo "What failed:"; cat "$results/failures"; }
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
