#!/usr/bin/env bash
# Makes the secrets of compose.yaml in ./secrets, each once: what is there stays. Containers read single files of it, the folder is for its owner alone.
set -euo pipefail
cd "$(dirname "$0")"
umask 022
mkdir -p secrets && chmod 700 secrets
word() { head -c 32 /dev/urandom | base64 | tr -d '+/=\n'; }
write() { if [ -s "secrets/$1" ]; then cat >/dev/null; else cat >"secrets/$1"; fi; }

word | write database-password
printf '*:*:vna:vna:%s\n' "$(cat secrets/database-password)" | write pgpass
word | write s3-user
word | write s3-password
printf '[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n' "$(cat secrets/s3-user)" "$(cat secrets/s3-password)" | write s3-credentials
word | write grafana-password
# The gateway's key, and one for you; the server gets their hashes, as 'vna key' prints them.
word | write gateway-token
word | write admin-key
{
  printf 'Vna__Auth__Keys__0=gateway read,write %s\n' "$(printf %s "$(cat secrets/gateway-token)" | sha256sum | cut -d' ' -f1)"
  printf 'Vna__Auth__Keys__1=admin read,write,delete,share,admin %s\n' "$(printf %s "$(cat secrets/admin-key)" | sha256sum | cut -d' ' -f1)"
} | write server.env
echo "Sign in at http://127.0.0.1:8080 with the key in $PWD/secrets/admin-key"
