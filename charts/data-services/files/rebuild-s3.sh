#!/bin/sh
# Build the index of a restored SeaweedFS anew from the one that was saved, once a restore. Velero copies
# files one by one from a running server, so those of the index fit together by luck only; objects are
# appended to files, so a later copy of these has all that the saved index names. Velero labels what it
# restores (RESTORE). Arguments are the server's.
set -eu
saved=/data/backup
# Beside it: the next backup removes the folder, and another start must not go back to its index.
done=/data/restored
[ "$RESTORE" ] && [ -e "$saved/SHA256SUMS" ] || exit 0
[ ! -e "$done" ] || [ "$(cat "$done")" != "$RESTORE" ] || exit 0

(cd "$saved" && sha256sum -c SHA256SUMS)
rm -rf /data/filerldb2
# As the server itself has it: nobody else may tell the parts anything.
WEED_JWT_FILER_SIGNING_KEY="$(head -c 32 /dev/urandom | base64)" weed "$@" &
server=$!
until wget -q -O /dev/null http://127.0.0.1:8888/healthz http://127.0.0.1:9333/cluster/healthz 2>/dev/null; do
  kill -0 "$server"
  sleep 1
done
# The command to load ends before its last entries are written, so the same shell then lists all that there
# is, and what was named but is not listed is lost.
lost=$(printf 'fs.meta.load %s\nfs.meta.save -v -o /dev/null /\n' "$saved/filer.meta" \
  | weed shell -master=127.0.0.1:9333 -filer=127.0.0.1:8888 2>&1 \
  | awk '/^load \/./ {named[substr($0, 6)]} /is loaded\.$/ {loaded = 1} /^\// {delete named[$0]}
      END {if (!loaded) print "everything"; for (path in named) print path}')
[ -z "$lost" ] || { echo "not in the index that was built anew: $lost" >&2; exit 1; }
# Told to end, its filer would wait for ever for the files of volumes, which end first. What it has written stays.
kill -KILL "$server"
wait "$server" || true
echo "$RESTORE" >"$done"
