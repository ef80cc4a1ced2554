#!/usr/bin/env bash
# Builds the renderer of charts, helmlite, out of Debian's Go packages (golang-go, golang-github-masterminds-sprig-dev, golang-k8s-sigs-yaml-dev).
#   build.sh FILE
set -euo pipefail
cd "$(dirname "$0")"
GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE=${GOCACHE:-$HOME/.cache/go-build} go build -o "$1" helmlite.go
