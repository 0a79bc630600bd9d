#!/bin/sh
# Start Redis with one user for each role, none of them without a password, and no default user.
set -eu
# Where things are in the image; a test has them elsewhere.
acl=${REDIS_ACL:-/run/redis/users.acl}
conf=${REDIS_CONF:-/etc/slotwise/redis.conf}
data=${REDIS_DATA:-/data}
: >"$acl"
user() { # NAME PASSWORD RULES...
  name=$1 password=$2; shift 2
  if [ -z "$password" ]; then echo "infra/redis: no password for $name: run infra/secrets.sh" >&2; exit 1; fi
  hash=$(printf %s "$password" | sha256sum | cut -d' ' -f1)
  printf 'user %s on #%s resetchannels %s\n' "$name" "$hash" "$*" >>"$acl"
}
echo 'user default off resetkeys resetchannels -@all' >>"$acl"
# Celery subscribes to patterns, which Redis allows only literally: so its users get all channels.
# All but what administers Redis; what clients ask at their start.
usual='+@all -@admin -@dangerous +info +client|setinfo +client|setname +client|id'
user gateway "${GATEWAY_PASSWORD:-}" '~slotwise:snapshot:* ~slotwise:quotes* ~slotwise:marks* ~slotwise:rates ~slotwise:commands ~slotwise:landing* ~slotwise:answer:* ~slotwise:status:* ~slotwise:tenure:* ~slotwise:version ~slotwise:lake' "$usual"
user worker "${WORKER_PASSWORD:-}" 'allchannels ~slotwise:*' "$usual"
user beat "${BEAT_PASSWORD:-}" 'allchannels ~slotwise:celery:* ~slotwise:periodic:* ~slotwise:status:BeatStatus' "$usual"
user flower "${FLOWER_PASSWORD:-}" 'allchannels ~slotwise:celery:*' "$usual"
user web "${WEB_PASSWORD:-}" 'allchannels %R~slotwise:* ~slotwise:celery:* ~slotwise:answer:*' "$usual"
user reader "${READER_PASSWORD:-}" '~slotwise:*' '-@all +@read +@connection +@transaction +info +time -@dangerous'
chmod 644 "$acl"    # it has hashes, and is read by user redis
exec docker-entrypoint.sh redis-server "$conf" --bind "${REDIS_BIND:-0.0.0.0}" --aclfile "$acl" --dir "$data" "$@"
