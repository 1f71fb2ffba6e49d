#!/bin/bash
# Run database.sql as the superuser. The password is read from its file, and is in no argument.
set -euo pipefail
PGPASSWORD=$(</superuser/password)
export PGPASSWORD
exec psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=/scripts/database.sql
