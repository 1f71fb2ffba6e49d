#!/bin/sh
# Rebuild the index of a restored SeaweedFS from the saved index, once for each restore. Velero copies
# the files of a running server one after another, so the restored index may be inconsistent. Objects
# are only appended to files, so these contain all objects that the saved index names. RESTORE is the
# name of Velero's Restore, from the label of the restored pod. The arguments are those of the server.
set -eu
saved=/data/backup
# Outside the folder of the saved index, which the next backup removes: a later start must not rebuild
# from it again.
done=/data/restored
[ "$RESTORE" ] && [ -e "$saved/SHA256SUMS" ] || exit 0
[ ! -e "$done" ] || [ "$(cat "$done")" != "$RESTORE" ] || exit 0

(cd "$saved" && sha256sum -c SHA256SUMS)
rm -rf /data/filerldb2
# Like the server, sign requests between SeaweedFS's servers, so that no other client can send commands.
WEED_JWT_FILER_SIGNING_KEY="$(head -c 32 /dev/urandom | base64)" weed "$@" &
server=$!
until wget -q -O /dev/null http://127.0.0.1:8888/healthz http://127.0.0.1:9333/cluster/healthz 2>/dev/null; do
  kill -0 "$server"
  sleep 1
done
# fs.meta.load ends before its last entries are written, so the same shell lists all entries afterwards.
# An entry that was loaded but is not listed is lost.
lost=$(printf 'fs.meta.load %s\nfs.meta.save -v -o /dev/null /\n' "$saved/filer.meta" \
  | weed shell -master=127.0.0.1:9333 -filer=127.0.0.1:8888 2>&1 \
  | awk '/^load \/./ {named[substr($0, 6)]} /is loaded\.$/ {loaded = 1} /^\// {delete named[$0]}
      END {if (!loaded) print "everything"; for (path in named) print path}')
[ -z "$lost" ] || { echo "missing in the rebuilt index: $lost" >&2; exit 1; }
# On SIGTERM, the filer would wait forever for the volume server, which ends first. The written index is
# complete.
kill -KILL "$server"
wait "$server" || true
echo "$RESTORE" >"$done"
