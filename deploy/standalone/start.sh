#!/bin/sh
# Starts a Spark standalone cluster from the distribution's own jars: one Master and SEQPE_WORKERS Workers on this machine, each a process. Settings: see settings.sh.
# Returns once every Worker has registered.
#   deploy/standalone/start.sh
#   deploy/standalone/submit.sh train --conf quickstart --set data.path=FOLDER --run runs/cluster
#   deploy/standalone/stop.sh
# Several machines: give each its own address in SEQPE_HOST; on all but the first set SEQPE_MASTER=spark://FIRST:7077, which adds Workers to that Master, and copy the
# secret that the first one has made (dist/standalone/secret, mode 600) to the same place. Whoever has it can use the cluster, and nobody else: docs/operations.md.
set -eu
. "$(dirname "$(readlink -f "$0")")/settings.sh"

require_program
mkdir -p "$SEQPE_CLUSTER/home"
SEQPE_CLUSTER=$(readlink -f "$SEQPE_CLUSTER")
[ ! -s "$SEQPE_CLUSTER/pids" ] || fail "Cannot start a cluster: $SEQPE_CLUSTER/pids names one that was started before; run stop.sh first, or set SEQPE_CLUSTER to another folder."
if [ ! -e "$SEQPE_SECRET_FILE" ] && [ -z "$SEQPE_MASTER" ]; then
    (umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' > "$SEQPE_SECRET_FILE")
fi
require_secret
rm -f "$SEQPE_CLUSTER/daemons.conf"
(umask 077 && secret_properties > "$SEQPE_CLUSTER/daemons.conf")
gpus=
if [ "$SEQPE_GPUS" -gt 0 ]; then
    [ "$SEQPE_WORKERS" -le 1 ] || fail "Cannot start the cluster: expected SEQPE_WORKERS=1 with SEQPE_GPUS=$SEQPE_GPUS, found $SEQPE_WORKERS; each worker would hand out the same GPUs."
    export SEQPE_GPUS # gpus.sh finds no more than these
    gpus=$("$repository/deploy/gpus.sh") || exit 2
    printf 'spark.worker.resource.gpu.amount %s\nspark.worker.resource.gpu.discoveryScript %s\n' "$SEQPE_GPUS" "$repository/deploy/gpus.sh" >> "$SEQPE_CLUSTER/daemons.conf"
    gpus=" and $SEQPE_GPUS GPUs"
fi
# A Worker puts SPARK_HOME/jars on the class path of the executors it starts.
ln -sfn "$(readlink -f "$SEQPE_DIST/lib")" "$SEQPE_CLUSTER/home/jars"

launch() { # NAME [JAVA_OPTION...] CLASS ARGUMENT...
    name=$1
    shift
    rm -f "$SEQPE_CLUSTER/$name.log"
    # SPARK_SCALA_VERSION: without it Spark looks for its own source checkout. SPARK_LOCAL_IP: where web pages are; all else is at --host.
    SPARK_HOME=$SEQPE_CLUSTER/home SPARK_SCALA_VERSION=2.12 SPARK_LOCAL_IP=$SEQPE_WEB_HOST \
        nohup "$java" "@$SEQPE_DIST/jvm.options" -Xmx512m -cp "$SEQPE_DIST/lib/*" "$@" > "$SEQPE_CLUSTER/$name.log" 2>&1 &
    echo "$! $name" >> "$SEQPE_CLUSTER/pids"
}

await() { # NAME TEXT
    pid=$(sed -n "s/ $1\$//p" "$SEQPE_CLUSTER/pids")
    seconds=0
    until grep -q "$2" "$SEQPE_CLUSTER/$1.log" 2> /dev/null; do
        seconds=$((seconds + 1))
        if [ $seconds -gt 180 ] || ! kill -0 "$pid" 2> /dev/null; then
            grep -v '^[[:space:]]*at ' "$SEQPE_CLUSTER/$1.log" | tail -n 20 >&2
            "$(dirname "$(readlink -f "$0")")/stop.sh" >&2
            fail "Cannot start the cluster: $1 has ended, or did not come up within 180 s; the end of $SEQPE_CLUSTER/$1.log is above."
        fi
        sleep 1
    done
}

if [ -z "$SEQPE_MASTER" ]; then
    # maxRetries: the Master would take another port than its Workers are told.
    launch master -Dspark.port.maxRetries=0 org.apache.spark.deploy.master.Master --properties-file "$SEQPE_CLUSTER/daemons.conf" --host "$SEQPE_HOST" --port "$SEQPE_MASTER_PORT" --webui-port "$SEQPE_WEB_PORT"
    await master "I have been elected leader"
fi
k=1
while [ $k -le "$SEQPE_WORKERS" ]; do
    launch "worker$k" org.apache.spark.deploy.worker.Worker --properties-file "$SEQPE_CLUSTER/daemons.conf" --host "$SEQPE_HOST" --webui-port "$SEQPE_WEB_PORT" --cores "$SEQPE_WORKER_CORES" \
        --memory "$SEQPE_WORKER_MEMORY" --work-dir "$SEQPE_CLUSTER/work$k" "$master_url"
    k=$((k + 1))
done
k=1
while [ $k -le "$SEQPE_WORKERS" ]; do
    await "worker$k" "Successfully registered with master"
    k=$((k + 1))
done
echo "$master_url with $SEQPE_WORKERS workers here of $SEQPE_WORKER_CORES cores and $SEQPE_WORKER_MEMORY$gpus; logs in $SEQPE_CLUSTER"
