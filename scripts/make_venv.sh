#!/bin/sh
# Make a virtual environment and install one list of pinned requirements and this package into it.
#
#   PYTHON=python3 scripts/make_venv.sh FOLDER REQUIREMENTS
#
# The Makefile calls it when the stamp it leaves, FOLDER/.installed, is missing or older than the list.
set -eu
cd "$(dirname "$0")/.."
venv=$1
requirements=$2

fail() {
    echo "$1" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Timbre needs Python 3.11 or later. Install it, or name it: make PYTHON=/path/to/python3.11"
}

# An environment made by another Python, or cut off while it was made, is made anew.
if ! new_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making $venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv" ||
        fail "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"
fi

echo "Installing $requirements into $venv"
rm -f "$venv/.installed"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --editable .
touch "$venv/.installed"
