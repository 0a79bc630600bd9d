#!/bin/sh
# Make a password for each role, in .env beside docker-compose.yml. Never overwrites one.
set -eu
cd "$(dirname "$0")/.."
umask 077
touch .env
# An editor may leave the last line without its end: a password would become a part of it.
[ -z "$(tail -c 1 .env)" ] || echo >>.env
for name in GATEWAY_PASSWORD WORKER_PASSWORD BEAT_PASSWORD FLOWER_PASSWORD WEB_PASSWORD READER_PASSWORD GRAFANA_PASSWORD; do
  grep -q "^$name=" .env || printf '%s=%s\n' "$name" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >>.env
done
if ! grep -q '^FLOWER_BASIC_AUTH=' .env; then
  printf 'FLOWER_BASIC_AUTH=trader:%s\n' "$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')" >>.env
fi
echo "passwords are in .env; that of Flower and the web application is FLOWER_BASIC_AUTH"
