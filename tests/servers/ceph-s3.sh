#!/usr/bin/env bash
# A real S3 server for tests: one-node Ceph (mon + osd + RADOS Gateway) out of Debian packages.
#
#   ceph-s3.sh install                      apt-get the packages (root, once)
#   ceph-s3.sh start   DIR PORT             make the cluster in DIR if it is not there, start it, S3 on 127.0.0.1:PORT
#   ceph-s3.sh health  DIR PORT             exit 0 when the gateway answers
#   ceph-s3.sh kill-gw DIR PORT             kill -9 the gateway only (crash test)
#   ceph-s3.sh start-gw DIR PORT            start the gateway again
#   ceph-s3.sh stop    DIR PORT             stop everything; the data stays in DIR
#   ceph-s3.sh env     DIR PORT             print the variables a client needs
#   ceph-s3.sh destroy DIR PORT             stop and remove DIR
#
# Environment: STORE=bluestore (default, a sparse file, survives a restart) | memstore (RAM, lost when the osd stops)
#              OSD_GB=20 (size of the sparse file or of memstore), S3_KEY, S3_SECRET, S3_REGION
#              OWNER_PID: everything is stopped and DIR removed when this process is gone
#              MON_PORT (default PORT+1; PORT+2 is taken too), OSD_PORTS (default PORT+10..PORT+40)
# No auth between the daemons: everything listens on 127.0.0.1 only.
set -euo pipefail
act=${1:?usage: $0 install|start|health|kill-gw|start-gw|stop|env|destroy DIR PORT}
export DEBIAN_FRONTEND=noninteractive
if [ "$act" = install ]; then
  apt-get -qq update; apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends ceph-mon ceph-osd radosgw ceph-common curl
  exit
fi
mkdir -p "${2:?DIR}"; D=$(cd "$2" && pwd); P=${3:?PORT}
STORE=${STORE:-bluestore}; OSD_GB=${OSD_GB:-20}
KEY=${S3_KEY:-testaccesskey0000001}; SECRET=${S3_SECRET:-testsecretkey000000000000000000000000001}
REGION=${S3_REGION:-us-east-1}
MP=${MON_PORT:-$((P + 1))}; OLO=$((P + 10)); OHI=$((P + 40))
C="$D/ceph.conf"
now() { date +%s.%N; }
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
stop_pid() { # pidfile, seconds
  alive "$1" || { rm -f "$1"; return 0; }
  local p; p=$(cat "$1"); kill "$p" 2>/dev/null || true
  for _ in $(seq $(($2 * 10))); do kill -0 "$p" 2>/dev/null || { rm -f "$1"; return 0; }; sleep 0.1; done
  kill -9 "$p" 2>/dev/null || true; rm -f "$1"
}
wait_for() { # seconds, command...
  local n=$(($1 * 10)); shift
  for _ in $(seq $n); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  echo "timed out: $*" >&2; return 1
}
health() { curl -fsS -o /dev/null --max-time 5 "http://127.0.0.1:$P/swift/healthcheck"; }
conf() {
  [ -s "$D/fsid" ] || cat /proc/sys/kernel/random/uuid > "$D/fsid"
  cat > "$C" <<CONF
[global]
fsid = $(cat "$D/fsid")
mon host = [v2:127.0.0.1:$MP,v1:127.0.0.1:$((MP + 1))]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind port min = $OLO
ms bind port max = $OHI
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms mon service mode = crc
ms mon cluster mode = crc
mon warn on insecure global id reclaim = false
mon warn on insecure global id reclaim allowed = false
run dir = $D/run
admin socket = $D/run/\$name.asok
log file = $D/log/\$name.log
log to syslog = false
crash dir = $D/crash
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 2000
mon osd full ratio = 0.96
mon osd backfillfull ratio = 0.95
mon osd nearfull ratio = 0.94
mon data avail crit = 1
mon data avail warn = 2
[mon]
mon data = $D/mon
mon allow pool delete = true
mon cluster log file = $D/log/cluster.log
[osd]
osd data = $D/osd
osd objectstore = $STORE
osd crush update on start = true
memstore device bytes = $((OSD_GB * 1024 * 1024 * 1024))
bluestore block size = $((OSD_GB * 1024 * 1024 * 1024))
bluestore fsck on mount = false
osd memory target = 1073741824
osd op num shards = 4
[client]
# Without nodelay each answer whose head and body are written apart waits 40 ms for the client's acknowledgement.
rgw frontends = beast endpoint=127.0.0.1:$P tcp_nodelay=1
rgw data = $D/rgw
rgw enable ops log = false
rgw enable usage log = false
rgw dns name = localhost
rgw override bucket index max shards = 1
rgw dynamic resharding = false
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo= testkey-2=aWIKTWFrZWZpbGUKbWFuCm91dApzcmMKVGVzdGluZwo=
rgw lc debug interval = ${LC_DEBUG_INTERVAL:--1}
CONF
}
start_gw() {
  alive "$D/rgw.pid" && return 0
  radosgw -c "$C" -n client.rgw --pid-file "$D/rgw.pid" --log-file "$D/log/rgw.log" -f >"$D/log/rgw.out" 2>&1 </dev/null &
  echo $! > "$D/rgw.pid"; disown
  wait_for 60 health
}
watch_owner() { # a test run that was killed leaves nothing running
  [ -n "${OWNER_PID:-}" ] || return 0
  setsid sh -c 'while kill -0 "$1" 2>/dev/null; do sleep 2; done; OWNER_PID= bash "$2" destroy "$3" "$4"' - "$OWNER_PID" "$0" "$D" "$P" >/dev/null 2>&1 </dev/null & disown
}
case "$act" in
start)
  t0=$(now); watch_owner
  mkdir -p "$D"/{run,log,mon,osd,rgw,crash}; conf; ulimit -n 65536 2>/dev/null || true
  fresh=0
  if [ ! -s "$D/mon/kv_backend" ]; then
    fresh=1
    monmaptool --create --clobber --fsid "$(cat "$D/fsid")" --addv a "[v2:127.0.0.1:$MP,v1:127.0.0.1:$((MP + 1))]" "$D/monmap" >/dev/null
    ceph-mon -c "$C" --mkfs -i a --monmap "$D/monmap"
  fi
  if ! alive "$D/mon.pid"; then
    ceph-mon -c "$C" -i a -f >"$D/log/mon.out" 2>&1 </dev/null & echo $! > "$D/mon.pid"; disown
  fi
  wait_for 30 timeout 5 ceph -c "$C" quorum_status
  if [ ! -s "$D/osd.uuid" ]; then
    cat /proc/sys/kernel/random/uuid > "$D/osd.uuid"
    ceph -c "$C" osd new "$(cat "$D/osd.uuid")" 0 >/dev/null
  fi
  if [ ! -e "$D/osd/whoami" ]; then
    ceph-osd -c "$C" -i 0 --mkfs --osd-uuid "$(cat "$D/osd.uuid")" >"$D/log/mkfs.out" 2>&1
  fi
  if ! alive "$D/osd.pid"; then
    ceph-osd -c "$C" -i 0 -f >"$D/log/osd.out" 2>&1 </dev/null & echo $! > "$D/osd.pid"; disown
  fi
  wait_for 60 sh -c "timeout 10 ceph -c '$C' osd stat -f json | grep -q '\"num_up_osds\":1'"
  t1=$(now); start_gw; t2=$(now)
  if [ ! -e "$D/user.json" ]; then
    radosgw-admin -c "$C" -n client.rgw user create --uid=test --display-name=test \
      --access-key="$KEY" --secret-key="$SECRET" >"$D/user.json" 2>"$D/log/user.err"
    # a second storage class that clients can name
    radosgw-admin -c "$C" -n client.rgw zonegroup placement add --rgw-zonegroup default --placement-id default-placement --storage-class STANDARD_IA >/dev/null 2>&1
    radosgw-admin -c "$C" -n client.rgw zone placement add --rgw-zone default --placement-id default-placement --storage-class STANDARD_IA --data-pool default.rgw.cold.data >/dev/null 2>&1
    stop_pid "$D/rgw.pid" 10; start_gw
  fi
  t3=$(now)
  awk -v a="$t0" -v b="$t1" -v c="$t2" -v d="$t3" 'BEGIN{printf "ready in %.1f s (mon+osd %.1f, gateway %.1f, user+storage class %.1f)\n", d-a, b-a, c-b, d-c}'
  ;;
health) health ;;
kill-gw) p=$(cat "$D/rgw.pid"); kill -9 "$p"; rm -f "$D/rgw.pid" ;;
start-gw) t0=$(now); start_gw; awk -v a="$t0" -v b="$(now)" 'BEGIN{printf "gateway ready in %.1f s\n", b-a}' ;;
stop) stop_pid "$D/rgw.pid" 15; stop_pid "$D/osd.pid" 30; stop_pid "$D/mon.pid" 15 ;;
destroy) "$0" stop "$D" "$P"; rm -rf -- "$D" ;;
env) printf 'export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=%s AWS_DEFAULT_REGION=%s AWS_ENDPOINT_URL=http://127.0.0.1:%s S3_ENDPOINT=http://127.0.0.1:%s\n' "$KEY" "$SECRET" "$REGION" "$REGION" "$P" "$P" ;;
*) echo "unknown action $act" >&2; exit 2 ;;
esac
