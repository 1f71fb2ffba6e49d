#!/bin/bash
# Create PostgreSQL's data directory unless it exists, and set the superuser's password to the Secret's.
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
  # Created under another name and renamed when complete, so that an interrupted start leaves no
  # incomplete directory.
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=peer --auth-host=scram-sha-256 --data-checksums --no-instructions
  mv "$PGDATA.new" "$PGDATA"
fi
# fsGroup may have made the directory group-readable, which PostgreSQL refuses.
chmod 0700 "$PGDATA"
[[ ! $rebuild ]] || rebuild

# The password is set at every start, so that a restart applies a new one. Single-user mode reads one
# statement per line and logs none of them.
if [[ $PGPASSWORD == *$'\n'* ]]; then
  echo "the superuser's password contains a line break: set the Secret's key to a password without one" >&2
  exit 1
fi
# The exporter's role has no password. The role connects only by the pod's socket and may read
# statistics.
{
  printf "ALTER ROLE postgres PASSWORD '%s'\n" "${PGPASSWORD//\'/\'\'}"
  echo "DO \$\$ BEGIN CREATE ROLE postgres_exporter LOGIN IN ROLE pg_monitor;" \
    "EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
} |
  postgres --single -D "$PGDATA" -c config_file=/etc/postgresql/postgresql.conf \
    -c log_min_error_statement=panic postgres >/dev/null
