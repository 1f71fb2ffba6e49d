#!/bin/bash
# Run database.sql as the superuser. The password is read from a file, so that no argument contains it.
set -euo pipefail
PGPASSWORD=$(</superuser/password)
export PGPASSWORD
exec psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=/scripts/database.sql
