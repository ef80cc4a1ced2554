#!/usr/bin/env bash
# Puts the rows of a fault table (tab-separated, written by the tests) between the two marks of a page.
#   eng/fault-table.sh ROWS docs/reliability.md
set -euo pipefail
rows=$1 page=$2
new=$(mktemp)
trap 'rm -f "$new"' EXIT
{
  sed '/<!-- faults -->/q' "$page"
  printf '\nWritten by `./test.sh --long` on %s, commit %s.\n\n' "$(date -u +%F)" "$(git rev-parse --short HEAD)$(git diff --quiet || echo ' with changes')"
  printf '| id | injected | times | acknowledged | lost | recovered in s | seed |\n|---|---|---|---|---|---|---|\n'
  sed 's/|/\\|/g; s/\t/ | /g; s/^/| /; s/$/ |/' "$rows"
  printf '\n'
  sed -n '/<!-- \/faults -->/,$p' "$page"
} >"$new"
cat "$new" >"$page"
