#!/usr/bin/env bash
# PostgreSQL for tests: one primary, with or without streaming read replicas, on 127.0.0.1. Runs as a non-root user.
#   postgres.sh start   DIR PORT [REPLICAS]   primary on PORT, replicas on PORT+1..
#   postgres.sh stop    DIR                   stops what start started; stop-replicas DIR; kill DIR: kill -9 of the primary; restart DIR
#   postgres.sh fail    DIR                   stops the primary at once, as a power cut does; promote DIR: replica 1 becomes a primary
#   postgres.sh destroy DIR                   stop, and remove DIR
# Environment: PG_DURABLE=1 (fsync on; off by default, for speed), PG_USER_OS (user to run as when called by root; postgres, else nobody)
#              OWNER_PID: everything is stopped and DIR removed when this process is gone
set -euo pipefail
act=${1:?usage: $0 start|stop|kill|restart|fail|promote|destroy DIR [PORT] [REPLICAS]}
bin=${PG_BIN:-$(dirname "$(readlink -f "$(command -v pg_ctl || ls -d /usr/lib/postgresql/*/bin/pg_ctl | tail -1)")")}
mkdir -p "${2:?DIR}"; dir=$(cd "$2" && pwd)
port=${3:-$(cat "$dir/port" 2>/dev/null || true)}; replicas=${4:-0}
sync=$([ "${PG_DURABLE:-0}" = 1 ] && echo on || echo off)
if [ "$(id -u)" = 0 ]; then
  user=${PG_USER_OS:-$(id -un postgres 2>/dev/null || echo nobody)}; chown "$user" "$dir"; chmod 700 "$dir"
  as() { (cd / && setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups env HOME="$dir" "$@"); }
else as() { "$@"; }; fi
ctl() { as "$bin/pg_ctl" -D "$1" -l "$1.log" -w -t 60 "${@:2}" >/dev/null; }
running() { # a postmaster killed with -9 may stay a zombie where pid 1 reaps late: that is not running, and its lock file is stale
  local pid; pid=$(as head -1 "$1/postmaster.pid" 2>/dev/null) || return 1
  if ! kill -0 "$pid" 2>/dev/null || [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c1)" = Z ]; then
    sleep 0.5 # its children leave by themselves
    as rm -f "$1/postmaster.pid"; rm -f "$dir"/.s.PGSQL.*
    return 1
  fi
}
up() {
  running "$dir/primary" || ctl "$dir/primary" -o "-p $port" start
  local i; for ((i = 1; ; i++)); do
    [ -d "$dir/replica$i" ] || break
    running "$dir/replica$i" || ctl "$dir/replica$i" -o "-p $((port + i))" start
  done
}
watch_owner() { # a test run that ended, or was killed, leaves nothing running
  [ -n "${OWNER_PID:-}" ] || return 0
  setsid sh -c 'while [ -d "$3" ] && kill -0 "$1" 2>/dev/null; do sleep 2; done; [ ! -d "$3" ] || OWNER_PID= bash "$2" destroy "$3"' - "$OWNER_PID" "$(readlink -f "$0")" "$dir" >/dev/null 2>&1 </dev/null & disown
}
case "$act" in
start)
  watch_owner
  echo "${port:?PORT}" >"$dir/port"
  if [ ! -s "$dir/primary/PG_VERSION" ]; then
    as "$bin/initdb" -D "$dir/primary" -U app --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log"
    as tee -a "$dir/primary/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 128MB
wal_level = replica
wal_keep_size = 128MB
hot_standby_feedback = on
fsync = $sync
full_page_writes = $sync
shared_preload_libraries = 'pg_stat_statements'
log_line_prefix = '%m [%p] %q%u@%d '
CONF
  fi
  up
  for i in $(seq "$replicas"); do
    [ -s "$dir/replica$i/PG_VERSION" ] || as "$bin/pg_basebackup" -h 127.0.0.1 -p "$port" -U app -D "$dir/replica$i" -R -X stream -C -S "replica$i" --checkpoint=fast --no-sync
  done
  up ;;
restart) up ;;
kill) kill -9 "$(as head -1 "$dir/primary/postmaster.pid")" ;;
fail) if running "$dir/primary"; then ctl "$dir/primary" -m immediate stop; fi ;;
promote) ctl "$dir/replica1" promote ;;
stop) for data in "$dir"/replica* "$dir/primary"; do [ -d "$data" ] || continue; if running "$data"; then ctl "$data" -m immediate stop; fi; done ;;
stop-replicas) for data in "$dir"/replica*/; do if running "${data%/}"; then ctl "${data%/}" -m immediate stop; fi; done ;;
destroy) "$0" stop "$dir"; rm -rf -- "$dir" ;;
*) echo "unknown action $act" >&2; exit 2 ;;
esac
