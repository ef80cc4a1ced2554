#!/usr/bin/env bash
# The images of the Dockerfile without Docker and without a registry: a Debian base by mmdebstrap with the .NET runtime of this machine, and on it, by
# buildah, the runtime stages of the Dockerfile as they stand there. What its other stages make is taken from this machine. Root; everything is kept in artifacts/image.
#   deploy/image.sh install                 mmdebstrap, buildah and runc (Debian)
#   deploy/image.sh build server|gateway    the image localhost/vnacloud-server or -gateway
#   deploy/image.sh save server|gateway FILE    as an archive that 'docker load' takes
#   deploy/image.sh run server|gateway DATA [NAME=VALUE...] [-- ARGUMENT...]
#                                           by runc: read-only root, no capabilities, uid 10001, DATA at /data, the host's network; stops on SIGTERM
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/artifacts/image
packages=(mmdebstrap buildah runc)
act=${1:-}
shift || true

# chroot works where a machine gives no namespaces; plain copies where it has no overlays, ten times slower.
export BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=$work/storage.conf
storage() {
  mkdir -p "$work/try"/{lower,upper,work,merged}
  local driver=vfs
  if mount -t overlay overlay -o "lowerdir=$work/try/lower,upperdir=$work/try/upper,workdir=$work/try/work" "$work/try/merged" 2>/dev/null; then
    umount "$work/try/merged" && driver=overlay
  fi
  rm -rf "$work/try"
  export STORAGE_DRIVER=$driver
  printf '[storage]\ndriver = "%s"\ngraphroot = "%s/%s"\nrunroot = "%s/run"\n' $driver "$work" $driver "$work" >"$CONTAINERS_STORAGE_CONF"
}

need() { [ -e "$1" ] || { echo "image.sh: $1 is not there: $2" >&2; exit 1; }; }

# An ASP.NET image: Debian with what the runtime is linked to, and the runtime.
base() {
  buildah inspect --type image localhost/vnacloud-base >/dev/null 2>&1 && return
  local suite sources dotnet container shared
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  sources=$(ls /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -1)
  dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,tzdata,libssl3,libstdc++6,zlib1g \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' "$suite" "$work/base.tar" "$sources"
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$work/base.tar" / >/dev/null
  for shared in host/fxr shared/Microsoft.NETCore.App shared/Microsoft.AspNetCore.App; do
    local newest
    newest=$(ls "$dotnet/$shared" | grep '^10\.' | sort -V | tail -1)
    buildah copy --quiet "$container" "$dotnet/$shared/$newest" "/usr/share/dotnet/$shared/$newest" >/dev/null
  done
  buildah copy --quiet "$container" "$dotnet/dotnet" /usr/share/dotnet/ >/dev/null
  buildah run "$container" ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
  buildah commit --quiet --rm "$container" localhost/vnacloud-base >/dev/null
  rm -f "$work/base.tar"
}

# What the stages 'build', 'codecs' and 'viewer' would have made, where they would have.
stages() {
  local rid project
  rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  need "$root/artifacts/codecs/runtime-packages" "eng/codecs.sh makes it."
  need "$root/artifacts/viewer/viewer.json" "eng/viewer.sh makes it."
  rm -rf "$work/build" "$work/codecs" "$work/viewer"
  mkdir -p "$work/build/out" "$work/codecs/src/artifacts" "$work/viewer/src/artifacts"
  for project in Server Gateway Cli; do
    local published=$root/artifacts/publish/VnaCloud.$project/release_$rid
    if [ ! -d "$published" ]; then
      dotnet publish "$root/src/VnaCloud.$project" -c Release --nologo -v quiet -clp:NoSummary -r "$rid" --self-contained false -p:PublishReadyToRun=true >&2
    fi
    cp -al "$published" "$work/build/out/$project"
  done
  cp -al "$root/artifacts/codecs" "$work/codecs/src/artifacts/codecs"
  cp -al "$root/artifacts/viewer" "$work/viewer/src/artifacts/viewer"
}

case $act in
  install)
    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ;;
  build)
    target=${1:?server or gateway}
    for program in mmdebstrap buildah; do command -v $program >/dev/null || { echo "image.sh: $program is not installed: deploy/image.sh install" >&2; exit 1; }; done
    storage && base && stages
    sed -n '/^ARG ASPNET_IMAGE/p; /^FROM .* AS runtime$/,$p' "$root/Dockerfile" >"$work/Dockerfile"
    # Stages that the target does not need would be built all the same.
    [ "$target" = gateway ] && sed -i '/^FROM .* AS server$/,$d' "$work/Dockerfile"
    [ "$target" = server ] && sed -i '/^FROM .* AS gateway$/,/^ENTRYPOINT/d' "$work/Dockerfile"
    buildah bud --quiet --pull=never --format docker --layers -f "$work/Dockerfile" --target "$target" -t "localhost/vnacloud-$target" \
      --build-arg ASPNET_IMAGE=localhost/vnacloud-base \
      --build-context build="$work/build" --build-context codecs="$work/codecs" --build-context viewer="$work/viewer" "$root" ;;
  save)
    storage && buildah push --quiet "localhost/vnacloud-${1:?server or gateway}" "docker-archive:${2:?a file}:vnacloud-$1:latest" ;;
  run)
    target=${1:?server or gateway} data=$(cd "${2:?a folder for /data}" && pwd)
    shift 2
    environment=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do environment+=("$1"); shift; done
    [ $# -eq 0 ] || shift
    storage
    container=$(buildah from --pull=never "localhost/vnacloud-$target")
    bundle=$(mktemp -d) name=vnacloud-$$
    ended() { runc delete --force "$name" 2>/dev/null || true; buildah umount "$container" >/dev/null || true; buildah rm "$container" >/dev/null || true; rm -rf "$bundle"; }
    trap ended EXIT
    buildah inspect "$container" | node "$root/deploy/runc-config.mjs" "$(buildah mount "$container")" "$data" "${environment[@]}" -- "$@" >"$bundle/config.json"
    runc run --bundle "$bundle" "$name" & pid=$!
    trap 'runc kill "$name" TERM 2>/dev/null || true' TERM INT
    code=0; wait $pid || code=$?
    # The first wait ends with the signal, the second with the container.
    if kill -0 $pid 2>/dev/null; then code=0; wait $pid || code=$?; fi
    exit $code ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
