# shellcheck shell=sh
# What the scripts in the folders beside it read first.

repository=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")

fail() { # MESSAGE
    printf '%s\n' "$1" >&2
    exit 2
}

# Java reads and writes file names by the locale: without UTF-8 it cannot name files outside of ASCII. cron has no locale at all.
[ "$(locale charmap 2> /dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
