# Steps before and after a backup of a PostgreSQL server, and after its restore. Velero runs them in the
# server's container, as a superuser.
#   before  dump every database into the folder, with row counts and checksums to compare with
#   after   delete the dumps
#   check   compare a restored server, or restored dumps, with the row counts and checksums
# Velero copies the files of a running server one by one, so the copy of a data directory may be
# inconsistent. A dump is consistent.
set -euo pipefail
step=$1 folder=$2 rebuilt=${2%/*}/restored
export PGUSER=$3

query() { psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@"; }

# Queries for the number of rows of each table and the sum of their hashes, independent of row order.
contents="
  SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended((x.*)::text, 0)), 0) FROM ONLY %I.%I AS x',
    nspname || '.' || relname, nspname, relname)
  FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
  ORDER BY nspname, relname"
settings="SET timezone = 'UTC'; SET datestyle = 'ISO'; SET extra_float_digits = 1;"

# Write a row with a random value, unique to this backup, into the database postgres.
write_sentinel() {
  query --dbname=postgres <<SQL
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS backup_sentinel (written timestamptz NOT NULL, note text NOT NULL);
DELETE FROM backup_sentinel;
INSERT INTO backup_sentinel VALUES (now(), gen_random_uuid());
SELECT note FROM backup_sentinel;
SQL
}

# Dump a database ($1) and count its rows in the same snapshot, into files that start with $2.
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
  [[ -s $DUMP ]] # psql does not report that pg_dump failed
}

# Compare a database ($1) with the rows that were counted ($2.rows).
compare() {
  diff "$2.rows" <(query --dbname="$1" <<<"$settings $contents \gexec") >&2 ||
    { echo "the rows of database $1 differ from the rows that were backed up" >&2; return 1; }
}

# Restore a dump ($1) into a temporary database, compare, and drop the database.
compare_dump() {
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
  write_sentinel >sentinel
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
    # A server that was rebuilt from the dumps has created the file $rebuilt.
    if [[ -e $rebuilt ]]; then compare "$name" "$number"; else compare_dump "$number"; fi
  done 3<databases
  [[ ! -e $rebuilt ]] || diff sentinel <(query --dbname=postgres --command='SELECT note FROM backup_sentinel') >&2
  echo "$(wc -l <databases) databases are equal to the backup"
}

case $step in
  before) trap '[[ $? == 0 ]] || rm -rf "$folder"' EXIT; before ;;
  after) rm -rf "$folder" ;;
  check) check ;;
esac
