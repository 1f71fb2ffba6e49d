#!/bin/bash
# Build a restored PostgreSQL anew from its dumps, once a restore. Velero copies files one by one from a
# running server, so those of the data directory fit together by luck only; the dumps beside them, which
# the chart backup makes, are whole. Sourced by initialize.sh; Velero labels what it restores (RESTORE).
dumps=/data/backup
# Beside them: the next backup removes the folder, and another start must not go back to its dumps.
done=/data/restored

restored() {
  [[ $RESTORE && -e $dumps/SHA256SUMS && ! ( -e $done && $(<"$done") == "$RESTORE" ) ]]
}

# Roles first, each database then. The role that makes them is there already, which is no error.
rebuild() {
  pg_ctl start --wait --silent \
    --options="-c config_file=/etc/postgresql/postgresql.conf -c listen_addresses='' -c log_min_error_statement=panic"
  cd "$dumps"
  psql --no-psqlrc --quiet --username=postgres --dbname=template1 --file=globals.sql
  while read -r number name <&3; do
    echo "building the database $name from its dump"
    pg_restore --username=postgres --dbname=template1 --clean --if-exists --create --exit-on-error "$number.dump"
  done 3<databases
  pg_ctl stop --wait --silent --mode=fast
  echo "$RESTORE" >"$done"
}
