# Steps around a backup of a PostgreSQL server, in its container, as a superuser.
#   before  dump every database into the folder, with what a restored one must hold
#   after   remove the dumps
#   check   compare a restored server, or the dumps in it, with that
# Files of a running server are copied one by one and fit together by luck only; a dump is whole.
set -euo pipefail
step=$1 folder=$2 built=${2%/*}/restored
export PGUSER=$3

query() { psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@"; }

# Number of rows of each table and the sum of their hashes, whatever the order of the rows.
contents="
  SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended((x.*)::text, 0)), 0) FROM ONLY %I.%I AS x',
    nspname || '.' || relname, nspname, relname)
  FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
  ORDER BY nspname, relname"
settings="SET timezone = 'UTC'; SET datestyle = 'ISO'; SET extra_float_digits = 1;"

# A row that only this backup has, in the database postgres.
mark() {
  query --dbname=postgres <<SQL
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS backup_sentinel (written timestamptz NOT NULL, note text NOT NULL);
DELETE FROM backup_sentinel;
INSERT INTO backup_sentinel VALUES (now(), gen_random_uuid());
SELECT note FROM backup_sentinel;
SQL
}

# Dump a database, and count its rows, as both are at the same moment.
dump() {
  export PGDATABASE=$1 DUMP=$2.dump
  query --output="$2.rows" <<SQL
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
$settings
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump --format=custom --snapshot="\$SNAPSHOT" --file="\$DUMP.part" && mv "\$DUMP.part" "\$DUMP"
$contents \gexec
SQL
  [[ -s $DUMP ]] # psql does not tell whether pg_dump failed
}

# Whether a database ($1) holds the rows that were counted ($2).
compare() {
  diff "$2.rows" <(query --dbname="$1" <<<"$settings $contents \gexec") >&2 ||
    { echo "the database $1 does not hold the rows that were backed up" >&2; return 1; }
}

# Restore a dump beside the databases of the server, compare, and drop it.
try() {
  dropdb --if-exists backup_check
  createdb --template=template0 backup_check
  pg_restore --exit-on-error --dbname=backup_check "$1.dump"
  compare backup_check "$1"
  dropdb backup_check
}

before() {
  rm -rf "$folder"
  mkdir -m 0700 "$folder"
  cd "$folder"
  mark >sentinel
  query --dbname=postgres --output=databases <<<"
    SELECT oid || ' ' || datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY oid"
  pg_dumpall --globals-only --file=globals.sql
  while read -r number name <&3; do dump "$name" "$number"; done 3<databases
  sha256sum -- * >SHA256SUMS.part
  mv SHA256SUMS.part SHA256SUMS
}

check() {
  cd "$folder"
  sha256sum --check --quiet SHA256SUMS
  while read -r number name <&3; do
    # A server that was built from the dumps says so beside them; else the dumps are tried.
    if [[ -e $built ]]; then compare "$name" "$number"; else try "$number"; fi
  done 3<databases
  [[ ! -e $built ]] || diff sentinel <(query --dbname=postgres --command='SELECT note FROM backup_sentinel') >&2
  echo "$(wc -l <databases) databases hold what was backed up"
}

case $step in
  before) trap '[[ $? == 0 ]] || rm -rf "$folder"' EXIT; before ;;
  after) rm -rf "$folder" ;;
  check) check ;;
esac
