# Steps around a backup of a Redis server, in its container, which knows the password (REDISCLI_AUTH).
#   before  write a snapshot and wait for it; keep the log from being rewritten while it is copied
#   after   let it be rewritten again
#   check   compare a restored server with what was there
set -euo pipefail
step=$1 folder=$2
key=254carbon:backup

connection=("${@:3}")

redis() { redis-cli -e "${connection[@]}" "$@"; }

setting() { redis config get "$1" | sed -n 2p; }
state() { redis info persistence | tr -d '\r' | sed -n "s/^$1://p"; }

before() {
  mkdir -p "$folder"
  [[ -s $folder/rewrite ]] || setting auto-aof-rewrite-percentage >"$folder/rewrite"
  redis config set auto-aof-rewrite-percentage 0 >/dev/null
  while [[ $(state aof_rewrite_in_progress)$(state rdb_bgsave_in_progress) != 00 ]]; do sleep 1; done
  echo "$(date --utc +%FT%TZ) $RANDOM$RANDOM$RANDOM" >"$folder/sentinel"
  redis set "$key" "$(<"$folder/sentinel")" >/dev/null
  redis bgsave >/dev/null
  while [[ $(state rdb_bgsave_in_progress) != 0 ]]; do sleep 1; done
  [[ $(state rdb_last_bgsave_status) == ok ]] || { echo "Redis could not write its snapshot" >&2; exit 1; }
  sha256sum "$(setting dir)/$(setting dbfilename)" >"$folder/SHA256SUMS"
}

after() {
  [[ ! -s $folder/rewrite ]] || redis config set auto-aof-rewrite-percentage "$(<"$folder/rewrite")" >/dev/null
  rm -rf "$folder"
}

check() {
  sha256sum --check --quiet "$folder/SHA256SUMS"
  redis-check-rdb "$(setting dir)/$(setting dbfilename)" >/dev/null
  [[ $(redis get "$key") == "$(<"$folder/sentinel")" ]] ||
    { echo "Redis does not hold the key $key as it was backed up" >&2; exit 1; }
  echo "Redis holds $(redis dbsize) keys, the last one that was written before the backup among them"
}

case $step in
  before) trap '[[ $? == 0 ]] || after' EXIT; before ;;
  after) after ;;
  check) check ;;
esac
