# shellcheck shell=sh
# What the scripts in the folders beside it read first.

repository=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")

fail() { # MESSAGE
    printf '%s\n' "$1" >&2
    exit 2
}
