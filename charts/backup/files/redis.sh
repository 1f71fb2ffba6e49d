# Steps before and after a backup of a Redis server, and after its restore. Velero runs them in the
# server's container, whose environment has the password (REDISCLI_AUTH).
#   before  write a snapshot; disable rewrites of the append-only file while it is copied
#   after   enable rewrites of the append-only file
#   check   compare a restored server with the backup
set -euo pipefail
step=$1 folder=$2
key=254carbon:backup

connection=("${@:3}")

redis() { redis-cli -e "${connection[@]}" "$@"; }

read_setting() { redis config get "$1" | sed -n 2p; }
read_state() { redis info persistence | tr -d '\r' | sed -n "s/^$1://p"; }

before() {
  mkdir -p "$folder"
  [[ -s $folder/rewrite ]] || read_setting auto-aof-rewrite-percentage >"$folder/rewrite"
  redis config set auto-aof-rewrite-percentage 0 >/dev/null
  while [[ $(read_state aof_rewrite_in_progress)$(read_state rdb_bgsave_in_progress) != 00 ]]; do sleep 1; done
  echo "$(date --utc +%FT%TZ) $RANDOM$RANDOM$RANDOM" >"$folder/sentinel"
  redis set "$key" "$(<"$folder/sentinel")" >/dev/null
  redis bgsave >/dev/null
  while [[ $(read_state rdb_bgsave_in_progress) != 0 ]]; do sleep 1; done
  [[ $(read_state rdb_last_bgsave_status) == ok ]] || { echo "Redis failed to write its snapshot" >&2; exit 1; }
  sha256sum "$(read_setting dir)/$(read_setting dbfilename)" >"$folder/SHA256SUMS"
}

after() {
  [[ ! -s $folder/rewrite ]] || redis config set auto-aof-rewrite-percentage "$(<"$folder/rewrite")" >/dev/null
  rm -rf "$folder"
}

check() {
  sha256sum --check --quiet "$folder/SHA256SUMS"
  redis-check-rdb "$(read_setting dir)/$(read_setting dbfilename)" >/dev/null
  [[ $(redis get "$key") == "$(<"$folder/sentinel")" ]] ||
    { echo "the key $key in Redis differs from the backup" >&2; exit 1; }
  echo "Redis contains $(redis dbsize) keys, including the key $key of the backup"
}

case $step in
  before) trap '[[ $? == 0 ]] || after' EXIT; before ;;
  after) after ;;
  check) check ;;
esac
