#!/bin/sh
# Bring the feature repository's revision from Git. User and password, if there are any, are asked
# of this very file, so that they are in no argument and no address.
set -eu
case ${1-} in
  Username*) printf '%s\n' "$GIT_USER" ;;
  Password*) printf '%s\n' "$GIT_PASSWORD" ;;
  *)
    export GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1
    if [ -n "${GIT_USER-}" ]; then export GIT_ASKPASS=/scripts/clone.sh; fi
    git init -q /repository
    cd /repository
    git fetch -q --depth 1 "$GIT_URL" "$GIT_REVISION"
    git checkout -q FETCH_HEAD
    echo "feature repository: $(git rev-parse HEAD)"
    ;;
esac
