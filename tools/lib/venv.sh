# tools/up, tools/down, tools/test and tools/new-chart source this script. It creates the checkout's virtual
# environment, or installs changed packages into it, and sets `venv` to its path. A stamp is written
# last: an environment without a stamp is incomplete and is deleted first.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv
log=$root/.venv.log
refused='(http error|error:|client error) *40[0-9]|40[0-9] +(forbidden|not found|client error)'
refused="$refused|no matching distribution|unable to locate"

fail() { # arguments: what is wrong, what to do
  printf '✗ %s\n  → %s\n' "$1" "$2" >&2
  exit 1
}

# The path is part of the stamp, since a virtual environment can't be moved.
stamp() {
  echo "$root $(cksum <"$root/requirements.lock")"
}

find_python() {
  for python in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      return
    fi
  done
  fail "Python 3.11 or newer is not installed" \
    "Install it (on Debian 12 or newer: apt-get install python3 python3-venv)."
}

# Debian has venv and pip in a package of their own.
require_venv_module() {
  if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    return
  fi
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "Python's venv module is not installed" "Install it: sudo apt-get install $package"
  fi
  echo "… install $package" >&2
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  { apt-get install -qy "$package" || { apt-get update -q && apt-get install -qy "$package"; }; } \
    >"$log" 2>&1 || explain "$package can't be installed"
}

# Exit with the reason that the log has for a failed step.
explain() { # argument: the step
  if grep -qi 'no space left' "$log"; then
    fail "$1: the disk is full" "Free about 1 GB and run the same command again."
  elif grep -qiE 'hashes are required|do not match the hashes' "$log"; then
    fail "$1: a package differs from its pin in requirements.lock" \
      "Set PIP_INDEX_URL to an index with the original package, then run the same command again."
  elif grep -qiE "$refused" "$log"; then
    fail "$1: the download was refused: $(grep -iE "$refused" "$log" | tail -n 1)" \
      "Set PIP_INDEX_URL (or apt's sources) to a server with the package, then run the same command again."
  elif grep -qiE 'resolution|timed out|unreachable|connection|failed to fetch' "$log"; then
    fail "$1: the network is not reachable" "Check the network and the proxy, then run the same command again."
  fi
  fail "$1: $(tail -n 1 "$log")" "The whole log: $log"
}

create_venv() {
  echo "… install Python packages into .venv (about a minute)" >&2
  case $(cat "$venv/.stamp" 2>/dev/null) in
    "$root "*) rm "$venv/.stamp" ;;
    *)
      rm -rf "$venv"
      "$python" -m venv "$venv" >"$log" 2>&1 || explain "the virtual environment can't be created"
      ;;
  esac
  set -- "$venv/bin/python" -m pip --disable-pip-version-check install --no-input
  "$@" --require-hashes -r "$root/requirements.lock" >"$log" 2>&1 &&
    "$@" --no-deps --no-build-isolation -e "$root" >>"$log" 2>&1 ||
    explain "the Python packages can't be installed"
  stamp >"$venv/.stamp"
  rm -f "$log"
}

interrupt() { # arguments: name and number of the signal
  trap - INT TERM HUP
  printf '\n✗ interrupted by %s during: install Python packages into .venv\n' "$1" >&2
  printf '  → Running the same command again repeats this step.\n' >&2
  exit "$((128 + $2))"
}

is_up_to_date() {
  [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$(stamp)" ]
}

if [ "${_CARBON_COMPLETE:-}" ] && ! is_up_to_date; then
  exit 0 # a shell completes a word, and installs nothing
fi
if ! is_up_to_date; then
  trap 'interrupt "Ctrl-C (SIGINT)" 2' INT
  trap 'interrupt SIGTERM 15' TERM
  trap 'interrupt SIGHUP 1' HUP
  [ -w "$root" ] || fail "$root is not writable" "Run the command as the owner of the checkout."
  exec 9>"$root/.venv.lock"
  if command -v flock >/dev/null; then
    flock 9 # wait for a launcher that creates the environment now
  fi
  if ! is_up_to_date; then
    find_python
    require_venv_module
    create_venv
  fi
  exec 9>&-
  trap - INT TERM HUP
fi
