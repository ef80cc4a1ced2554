#!/usr/bin/env bash
# A second real S3 implementation for tests: OpenStack Swift (proxy + account + container + object) with the s3api middleware, out of Debian packages.
#   swift-s3.sh install | configure | start DIR PORT | health DIR PORT | stop DIR PORT | kill-gw DIR PORT | start-gw DIR PORT | env DIR PORT | destroy DIR PORT
# Takes PORT (proxy), PORT+1..PORT+3 (object, container, account), PORT+4 (memcached), all on 127.0.0.1.
# Needs /etc/swift/swift.conf (hash path prefix and suffix; Swift reads it from that path): `install` writes one where there is none.
# DIR must be on a file system with user xattrs (ext4, xfs). S3 key: test:tester, secret: testing.
set -euo pipefail
act=${1:?usage: $0 install|configure|start|health|stop|kill-gw|start-gw|env|destroy DIR PORT}
if [ "$act" = install ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update; apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends swift-proxy swift-account swift-container swift-object memcached curl
  act=configure
fi
if [ "$act" = configure ]; then
  if ! grep -qE '^swift_hash_path_(suffix|prefix) *= *[^ ]' /etc/swift/swift.conf 2>/dev/null; then
    mkdir -p /etc/swift
    printf '[swift-hash]\nswift_hash_path_suffix = testsuffix\nswift_hash_path_prefix = testprefix\n[storage-policy:0]\nname = Policy-0\ndefault = yes\n' > /etc/swift/swift.conf
    chmod 644 /etc/swift/swift.conf; chmod 755 /etc/swift
  fi
  exit
fi
mkdir -p "${2:?DIR}"; D=$(cd "$2" && pwd); P=${3:?PORT}
ME=$(id -un); KEY=${S3_KEY:-test:tester}; SECRET=${S3_SECRET:-testing}
ACC=${KEY%%:*}; USR=${KEY##*:}
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
stop_pid() { alive "$1" || { rm -f "$1"; return 0; }; local p; p=$(cat "$1"); kill "$p" 2>/dev/null || true
  for _ in $(seq 50); do kill -0 "$p" 2>/dev/null || { rm -f "$1"; return 0; }; sleep 0.1; done
  kill -9 -- "-$p" 2>/dev/null || kill -9 "$p" 2>/dev/null || true; rm -f "$1"; }
health() { curl -fsS -o /dev/null --max-time 5 "http://127.0.0.1:$P/healthcheck"; }
run() { # name, command...: own process group, so that workers go with it
  local n=$1; shift; alive "$D/$n.pid" && return 0
  setsid "$@" >"$D/log/$n.out" 2>&1 </dev/null & echo $! > "$D/$n.pid"; disown; }
wait_health() { for _ in $(seq 300); do health 2>/dev/null && return 0; sleep 0.1; done; echo "proxy did not come up; see $D/log" >&2; return 1; }
watch_owner() { # a test run that was killed leaves nothing running
  [ -n "${OWNER_PID:-}" ] || return 0
  setsid sh -c 'while kill -0 "$1" 2>/dev/null; do sleep 2; done; OWNER_PID= bash "$2" destroy "$3" "$4"' - "$OWNER_PID" "$0" "$D" "$P" >/dev/null 2>&1 </dev/null & disown
}
case "$act" in
start)
  watch_owner; t0=$(date +%s.%N); mkdir -p "$D"/{log,dev/d1,cache}
  common="bind_ip = 127.0.0.1
user = $ME
swift_dir = $D
devices = $D/dev
mount_check = false
workers = 0
log_facility = LOG_LOCAL1
log_address = $D/log/none
eventlet_debug = false
disable_fallocate = true
fallocate_reserve = 0"
  n=0; for s in object container account; do n=$((n + 1)); cat > "$D/$s-server.conf" <<CONF
[DEFAULT]
bind_port = $((P + n))
$common
[pipeline:main]
pipeline = $s-server
[app:$s-server]
use = egg:swift#$s
CONF
    if [ ! -s "$D/$s.ring.gz" ]; then
      (cd "$D" && swift-ring-builder $s.builder create 6 1 1 && swift-ring-builder $s.builder add "r1z1-127.0.0.1:$((P + n))/d1" 1 && swift-ring-builder $s.builder rebalance) >"$D/log/ring-$s.out" 2>&1
    fi
  done
  cat > "$D/proxy-server.conf" <<CONF
[DEFAULT]
bind_port = $P
bind_ip = 127.0.0.1
user = $ME
swift_dir = $D
workers = ${WORKERS:-0}
log_address = $D/log/none
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk tempurl s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_${ACC}_${USR} = ${SECRET} .admin
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
check_bucket_owner = false
allow_multipart_uploads = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$((P + 4))
CONF
  for f in catch_errors gatekeeper healthcheck listing_formats bulk tempurl copy slo dlo versioned_writes symlink; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' $f $f; [ $f = versioned_writes ] && echo 'allow_object_versioning = true'; done >> "$D/proxy-server.conf"
  run memcached memcached -l 127.0.0.1 -p $((P + 4)) -m 64 -U 0 $([ "$(id -u)" = 0 ] && echo "-u $ME")
  for s in object container account; do run $s swift-$s-server "$D/$s-server.conf"; done
  run proxy swift-proxy-server "$D/proxy-server.conf"
  wait_health
  for _ in $(seq 100); do ok=1; for n in 1 2 3; do (exec 3<>/dev/tcp/127.0.0.1/$((P + n))) 2>/dev/null || ok=0; done; [ $ok = 1 ] && break; sleep 0.1; done
  awk -v a="$t0" -v b="$(date +%s.%N)" 'BEGIN{printf "ready in %.1f s\n", b-a}' ;;
health) health ;;
kill-gw) p=$(cat "$D/proxy.pid"); kill -9 -- "-$p"; rm -f "$D/proxy.pid" ;;
start-gw) t0=$(date +%s.%N); run proxy swift-proxy-server "$D/proxy-server.conf"; wait_health; awk -v a="$t0" -v b="$(date +%s.%N)" 'BEGIN{printf "gateway ready in %.1f s\n", b-a}' ;;
stop) for s in proxy object container account memcached; do stop_pid "$D/$s.pid"; done ;;
destroy) "$0" stop "$D" "$P"; rm -rf -- "$D" ;;
env) printf 'export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ENDPOINT_URL=http://127.0.0.1:%s S3_ENDPOINT=http://127.0.0.1:%s\n' "$KEY" "$SECRET" "$P" "$P" ;;
*) echo "unknown action $act" >&2; exit 2 ;;
esac
