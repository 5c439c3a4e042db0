# shellcheck shell=sh disable=SC2034
# What the scripts in the folders beside it read first.

repository=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")

fail() { # MESSAGE
    printf '%s\n' "$1" >&2
    exit 2
}

# GPUs of each machine (standalone/) or of each executor (yarn/, kubernetes/), one for a replica; 0 is none: docs/operations.md, "GPUs".
SEQPE_GPUS=${SEQPE_GPUS:-0}
case $SEQPE_GPUS in
    *[!0-9]*) fail "Cannot use SEQPE_GPUS=$SEQPE_GPUS: expected a number of GPUs, such as 8." ;;
esac

# Java reads and writes file names by the locale: without UTF-8 it cannot name files outside of ASCII. cron has no locale at all.
[ "$(locale charmap 2> /dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
