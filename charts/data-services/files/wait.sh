#!/bin/bash
# Wait until PostgreSQL accepts a connection; print the error in one line whenever it changes. The
# password is read again at each attempt, so that a corrected Secret takes effect without a restart.
last=
export PGPASSWORD
until PGPASSWORD=$(</superuser/password) &&
  problem=$(psql --no-psqlrc --no-password --command 'SELECT 1' 2>&1 >/dev/null); do
  [[ $problem == "$last" ]] || echo "waiting for postgresql: $problem"
  last=$problem
  sleep 2
done
