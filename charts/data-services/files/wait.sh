#!/bin/bash
# Wait until PostgreSQL lets us in; say in one line what stands in the way whenever that changes.
# The password is read anew at each try, so that a corrected Secret is enough.
said=
export PGPASSWORD
until PGPASSWORD=$(</superuser/password) &&
  problem=$(psql --no-psqlrc --no-password --command 'SELECT 1' 2>&1 >/dev/null); do
  [[ $problem == "$said" ]] || echo "waiting for postgresql: $problem"
  said=$problem
  sleep 2
done
