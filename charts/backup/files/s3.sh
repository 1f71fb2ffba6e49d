# Steps before and after a backup of a SeaweedFS server, and after its restore. Velero runs them in the
# server's container.
#   before  save a consistent copy of the filer's index, and disable compaction of volume files
#   after   enable compaction
#   check   read all objects of a restored server, and the object that was written before the backup
# SeaweedFS appends objects to volume files, so a later copy of these files contains every object in
# the saved index.
set -eu
step=$1 folder=$2
filer=127.0.0.1:8888

run_weed_shell() { printf '%s\n' "$@" | weed shell -master=127.0.0.1:9333 -filer="$filer" 2>&1; }

before() {
  rm -rf "$folder"
  mkdir -m 0700 "$folder"
  run_weed_shell lock volume.vacuum.disable unlock >/dev/null
  mkdir "$folder/sentinel"
  echo "$(date -u +%FT%TZ) $(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')" >"$folder/sentinel/note"
  weed filer.copy "$folder/sentinel" "http://$filer/backup/" >/dev/null
  run_weed_shell "fs.meta.save -o $folder/filer.meta /"
  [ -s "$folder/filer.meta" ] || { echo "SeaweedFS did not save the filer's index" >&2; exit 1; }
  (cd "$folder" && sha256sum filer.meta sentinel/note >SHA256SUMS)
}

after() {
  run_weed_shell lock volume.vacuum.enable unlock >/dev/null
  rm -rf "$folder"
}

check() {
  cd "$folder"
  sha256sum -c SHA256SUMS >/dev/null
  # After a start, the server needs some seconds to load its volume files.
  tries=30
  until wget -q -O - "http://$filer/backup/sentinel/note" | cmp - sentinel/note; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "SeaweedFS can't read the object that was written before the backup" >&2; exit 1; }
    sleep 1
  done
  verified=$(run_weed_shell "fs.verify /" | grep verified)
  case $verified in
    *" error 0 files"*) echo "S3: $verified" ;;
    *) echo "SeaweedFS can't read some objects: $verified" >&2; exit 1 ;;
  esac
}

case $step in
  before) trap '[ $? = 0 ] || after' EXIT; before ;;
  after) after ;;
  check) check ;;
esac
