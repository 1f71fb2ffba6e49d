#!/bin/bash
# Make PostgreSQL's data directory if there is none, and give the superuser the Secret's password.
set -euo pipefail
rebuild=
if [[ -e ${0%/*}/rebuild.sh ]]; then
  . "${0%/*}/rebuild.sh"
  if restored; then
    (cd "$dumps" && sha256sum --check --quiet SHA256SUMS)
    rebuild=yes
    rm -rf "$PGDATA"
  fi
fi

if [[ ! -e $PGDATA ]]; then
  # Made aside and renamed when whole: an interrupted start leaves nothing half made behind.
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=peer --auth-host=scram-sha-256 --data-checksums --no-instructions
  mv "$PGDATA.new" "$PGDATA"
fi
# A volume's fsGroup may have opened it to the group, which PostgreSQL refuses.
chmod 0700 "$PGDATA"
[[ ! $rebuild ]] || rebuild

# At every start, so that a new password in the Secret is a restart away. Single-user mode reads
# a statement a line; nothing of it is logged.
if [[ $PGPASSWORD == *$'\n'* ]]; then
  echo "the superuser's password holds a line break: write the Secret's key anew without it" >&2
  exit 1
fi
# The exporter's role has no password: it gets in over the pod's own socket, and reads statistics.
{
  printf "ALTER ROLE postgres PASSWORD '%s'\n" "${PGPASSWORD//\'/\'\'}"
  echo "DO \$\$ BEGIN CREATE ROLE postgres_exporter LOGIN IN ROLE pg_monitor;" \
    "EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
} |
  postgres --single -D "$PGDATA" -c config_file=/etc/postgresql/postgresql.conf \
    -c log_min_error_statement=panic postgres >/dev/null
