# Steps around a backup of a SeaweedFS server, in its container.
#   before  save the filer's index, which is copied whole so, and keep files from being compacted
#   after   let them be compacted again
#   check   read from a restored server what was written right before the backup
# Objects themselves are appended to files, so a copy of those holds all that the index names.
set -eu
step=$1 folder=$2
filer=127.0.0.1:8888

manage() { printf '%s\n' "$@" | weed shell -master=127.0.0.1:9333 -filer="$filer" 2>&1; }

before() {
  rm -rf "$folder"
  mkdir -m 0700 "$folder"
  manage lock volume.vacuum.disable unlock >/dev/null
  mkdir "$folder/sentinel"
  echo "$(date -u +%FT%TZ) $(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')" >"$folder/sentinel/note"
  weed filer.copy "$folder/sentinel" "http://$filer/backup/" >/dev/null
  manage "fs.meta.save -o $folder/filer.meta /"
  [ -s "$folder/filer.meta" ] || { echo "the filer's index was not saved" >&2; exit 1; }
  (cd "$folder" && sha256sum filer.meta sentinel/note >SHA256SUMS)
}

after() {
  manage lock volume.vacuum.enable unlock >/dev/null
  rm -rf "$folder"
}

check() {
  cd "$folder"
  sha256sum -c SHA256SUMS >/dev/null
  # A server that has just started learns within seconds what its files hold.
  tries=30
  until wget -q -O - "http://$filer/backup/sentinel/note" | cmp - sentinel/note; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "the object that was written before the backup can't be read" >&2; exit 1; }
    sleep 1
  done
  verified=$(manage "fs.verify /" | grep verified)
  case $verified in
    *" error 0 files"*) echo "S3: $verified" ;;
    *) echo "objects can't be read: $verified" >&2; exit 1 ;;
  esac
}

case $step in
  before) trap '[ $? = 0 ] || after' EXIT; before ;;
  after) after ;;
  check) check ;;
esac
