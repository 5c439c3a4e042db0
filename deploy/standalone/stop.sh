#!/bin/sh
# Stops what start.sh started on this machine, with the executors it runs.
set -eu
. "$(dirname "$(readlink -f "$0")")/settings.sh"

[ -s "$SEQPE_CLUSTER/pids" ] || { echo "No cluster of $SEQPE_CLUSTER runs."; exit 0; }
# Workers before the master.
# shellcheck disable=SC2013 # each line is one number
for pid in $(sed 's/ .*//; 1!G; h; $!d' "$SEQPE_CLUSTER/pids"); do
    is_running "$pid" || continue
    kill "$pid"
    seconds=0
    while is_running "$pid"; do
        seconds=$((seconds + 1))
        [ $seconds -le 60 ] || kill -9 "$pid"
        sleep 1
    done
done
rm "$SEQPE_CLUSTER/pids"
echo "Stopped."
