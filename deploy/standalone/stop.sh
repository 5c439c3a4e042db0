#!/bin/sh
# Stops the cluster of start.sh, with the executors it runs.
set -eu
. "$(dirname "$(readlink -f "$0")")/settings.sh"

[ -s "$SEQPE_CLUSTER/pids" ] || { echo "No cluster of $SEQPE_CLUSTER runs."; exit 0; }
# A process id may have gone to another program since: only Spark's own processes are ended.
for pid in $(sed '1!G;h;$!d' "$SEQPE_CLUSTER/pids"); do
    if ps -p "$pid" -o args= 2> /dev/null | grep -q "org.apache.spark.deploy"; then
        kill "$pid"
        while kill -0 "$pid" 2> /dev/null; do
            sleep 0.2
        done
    fi
done
rm "$SEQPE_CLUSTER/pids"
echo "Stopped."
