#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test, and ends with one line: N passed, N failed, N skipped.
#   ./test.sh             everything, as CI runs it
#   ./test.sh --fast      the inner loop: samples of the long tests, nothing installed
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

# Oracles (DCMTK, pydicom, GDCM), a browser, a tracer, a client and a database: never parts of the product.
packages=(dcmtk python3-pydicom python3-numpy libgdcm-tools python3-gdcm chromium strace tar libarchive-tools unzip gcc libc6-dev postgresql)
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
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/vna-test-install.log 2>&1; then
    echo "test.sh: could not install ${missing[*]}; tests that need them are skipped and say so (/tmp/vna-test-install.log)." >&2
  fi
}
[ "$mode" = fast ] || install_packages

export VNA_CORPUS=${VNA_CORPUS:-$(cd .. && pwd)/shared/corpus}
started=$SECONDS
dotnet build VnaCloud.sln -c Release --nologo -v quiet -clp:NoSummary || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
echo "Built in $((SECONDS - started)) s"

passed=0 failed=0 skipped=0
run() {
  local name=$1 exe=artifacts/bin/$1/release/$1 log begun=$SECONDS
  log=$(mktemp)
  "./$exe" -noLogo "${filter[@]}" >"$log" 2>&1
  local code=$? total bad skip line
  line=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -1)
  if [ -z "$line" ]; then
    # A filter that meets nothing here is no failure; a runner that died is one.
    if [ $code -ne 0 ] && [ ${#filter[@]} -eq 0 ]; then cat "$log"; echo "$name did not finish (exit $code)"; failed=$((failed + 1)); fi
    rm -f "$log"
    return
  fi
  read -r total errors bad skip < <(grep -oE '[0-9]+' <<<"$line" | tr '\n' ' ')
  grep -E '\[(FAIL|SKIP)\]' "$log" | head -60
  if [ $((bad + errors)) -gt 0 ]; then cat "$log"; fi
  failed=$((failed + bad + errors)) skipped=$((skipped + skip)) passed=$((passed + total - bad - skip))
  printf '%-28s %5d tests, %d failed, %d skipped, %d s\n' "$name" "$total" $((bad + errors)) "$skip" $((SECONDS - begun))
  rm -f "$log"
}

for project in tests/*.Tests; do
  run "$(basename "$project")"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
