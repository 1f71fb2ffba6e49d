# Sourced by tools/up, tools/down and tools/test. Makes the checkout's virtual environment when it
# is missing or its pins changed, and sets `venv` to it. Its stamp is written last: an environment
# without one is created again, one whose pins changed is updated.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv
log=$root/.venv.log
refused='(http error|error:|client error) *40[0-9]|40[0-9] +(forbidden|not found|client error)'
refused="$refused|no matching distribution|unable to locate"

fail() { # what is wrong, what to do
  printf '✗ %s\n  → %s\n' "$1" "$2" >&2
  exit 1
}

stamp() { # where it is and what is in it: an environment can't be moved
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

# Debian packs venv and pip apart from Python.
need_venv() {
  if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    return
  fi
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "Python's venv module is not installed" "Install it: sudo apt-get install $package"
  fi
  echo "… installing $package" >&2
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  { apt-get install -qy "$package" || { apt-get update -q && apt-get install -qy "$package"; }; } \
    >"$log" 2>&1 || explain "$package can't be installed"
}

# Say why the last step failed, from what it wrote to the log.
explain() { # what failed
  if grep -qi 'no space left' "$log"; then
    fail "$1: the disk is full" "Free about 1 GB there and run the same again."
  elif grep -qiE 'hashes are required|do not match the hashes' "$log"; then
    fail "$1: a package differs from its pin in requirements.lock" \
      "Point pip at an index that serves the real one and run the same again."
  elif grep -qiE "$refused" "$log"; then
    fail "$1: the download was refused: $(grep -iE "$refused" "$log" | tail -n 1)" \
      "Point pip or apt at an index that serves it and run the same again."
  elif grep -qiE 'resolution|timed out|unreachable|connection|failed to fetch' "$log"; then
    fail "$1: the network is out of reach" "Check it (or the proxy) and run the same again."
  fi
  fail "$1: $(tail -n 1 "$log")" "The whole log: $log"
}

make_venv() {
  echo "… Python packages into .venv (about a minute)" >&2
  case $(cat "$venv/.stamp" 2>/dev/null) in
    "$root "*) rm "$venv/.stamp" ;;
    *)
      rm -rf "$venv"
      "$python" -m venv "$venv" >"$log" 2>&1 || explain "the Python environment can't be made"
      ;;
  esac
  set -- "$venv/bin/python" -m pip --disable-pip-version-check install --no-input
  "$@" --require-hashes -r "$root/requirements.lock" >"$log" 2>&1 &&
    "$@" --no-deps --no-build-isolation -e "$root" >>"$log" 2>&1 ||
    explain "the Python packages can't be installed"
  stamp >"$venv/.stamp"
  rm -f "$log"
}

interrupted() {
  trap - INT TERM HUP
  printf '\n✗ interrupted\n  → The same command starts this step again.\n' >&2
  exit 130
}

up_to_date() {
  [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$(stamp)" ]
}

if ! up_to_date; then
  trap interrupted INT TERM HUP
  [ -w "$root" ] || fail "$root can't be written to" "Run it as the user whose checkout it is."
  exec 9>"$root/.venv.lock"
  if command -v flock >/dev/null; then
    flock 9 # another launcher may be making it right now
  fi
  if ! up_to_date; then
    find_python
    need_venv
    make_venv
  fi
  exec 9>&-
  trap - INT TERM HUP
fi
