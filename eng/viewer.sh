#!/usr/bin/env bash
# The viewer (OHIF): fetches the package by npm, and makes of it what the server serves under /viewer/, in artifacts/viewer. Does nothing when that is there.
#   eng/viewer.sh [--once]     with --once not again what failed before
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
version=3.13.2
checksum=5997719a9986eeba85816f5924b71b82bdd70ad2e2d4a0cd3e831a798e4f3deea3e06e1f8c48e393271933a0ba664d85f3b04ac457e9abe8dde715d907d13c10

out=$root/artifacts/viewer work=$root/artifacts/viewer.work
stamp=$(cat "$0" "$root"/eng/viewer/{prepare.mjs,ndarray.js,package-lock.json} | sha256sum | cut -c1-64)
[ "$(cat "$out/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0
[ "${1:-}" = --once ] && [ "$(cat "$out.failed" 2>/dev/null)" = "$stamp" ] && exit 0

mkdir -p "$root/artifacts"
fail() { echo "$stamp" >"$out.failed"; echo "viewer.sh: $1 The archive works without the viewer; eng/viewer.sh tries again." >&2; exit 1; }
command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || fail "Node 20 or newer with npm is not installed."
rm -rf "$work" && mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$root"/eng/viewer/{prepare.mjs,ndarray.js,package.json,package-lock.json,.npmrc} .
echo "Preparing the viewer (OHIF $version, once, about a minute)"
# The package alone: what it depends on is built into it.
npm ci --ignore-scripts --no-audit --no-fund --silent >npm.log 2>&1 && npm pack "@ohif/app@$version" --silent >>npm.log 2>&1 ||
  { tail -3 npm.log >&2; fail "npm could not fetch @ohif/app@$version and esbuild."; }
echo "$checksum  ohif-app-$version.tgz" | sha512sum --check --status || fail "The package @ohif/app@$version is not the one that is known."
tar xzf "ohif-app-$version.tgz"
node prepare.mjs package new || fail "The package could not be prepared."
echo "$stamp" >new/.stamp
rm -rf "$out" && mv new "$out" && rm -f "$out.failed"
