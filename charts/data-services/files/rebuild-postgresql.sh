#!/bin/bash
# Rebuild a restored PostgreSQL from its dumps, once for each restore. Velero copies the files of a
# running server one after another, so the restored data directory may be inconsistent. The dumps, which
# the chart backup creates, are consistent. Sourced by initialize.sh. RESTORE is the name of Velero's
# Restore, from the label of the restored pod.
dumps=/data/backup
# Outside the folder of the dumps, which the next backup removes: a later start must not rebuild from
# the same dumps again.
done=/data/restored

restored() {
  [[ $RESTORE && -e $dumps/SHA256SUMS && ! ( -e $done && $(<"$done") == "$RESTORE" ) ]]
}

# Restores the roles, then each database. The error that the superuser already exists is ignored.
rebuild() {
  pg_ctl start --wait --silent \
    --options="-c config_file=/etc/postgresql/postgresql.conf -c listen_addresses='' -c log_min_error_statement=panic"
  cd "$dumps"
  psql --no-psqlrc --quiet --username=postgres --dbname=template1 --file=globals.sql
  while read -r number name <&3; do
    echo "restoring the database $name from its dump"
    pg_restore --username=postgres --dbname=template1 --clean --if-exists --create --exit-on-error "$number.dump"
  done 3<databases
  pg_ctl stop --wait --silent --mode=fast
  echo "$RESTORE" >"$done"
}
