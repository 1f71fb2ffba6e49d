#!/bin/sh
# Clone one revision of the feature repository. Git runs this script again to read user and password
# (GIT_ASKPASS), so that neither is in an argument or in the URL.
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
