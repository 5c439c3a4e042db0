#!/bin/sh
# Starts a Spark standalone cluster on this machine from the distribution's own jars: one Master and SEQPE_WORKERS Workers, each a process.
# Settings: see settings.sh. Returns once every Worker has registered.
#   deploy/standalone/start.sh
#   deploy/standalone/submit.sh train --conf quickstart --set data.path=FOLDER --run runs/cluster
#   deploy/standalone/stop.sh
set -eu
. "$(dirname "$(readlink -f "$0")")/settings.sh"

mkdir -p "$SEQPE_CLUSTER/home"
[ ! -s "$SEQPE_CLUSTER/pids" ] || fail "Cannot start a cluster: $SEQPE_CLUSTER/pids names one that was started before; run stop.sh first, or set SEQPE_CLUSTER to another folder."
# A Worker puts SPARK_HOME/jars on the class path of the executors it starts.
ln -sfn "$SEQPE_DIST/lib" "$SEQPE_CLUSTER/home/jars"

launch() { # NAME CLASS ARGUMENT...
    name=$1
    shift
    # SPARK_SCALA_VERSION: without it Spark looks for its own source checkout.
    SPARK_HOME=$SEQPE_CLUSTER/home SPARK_SCALA_VERSION=2.12 SPARK_LOCAL_IP=$SEQPE_HOST \
        nohup "$java" "@$SEQPE_DIST/jvm.options" -Xmx512m -cp "$SEQPE_DIST/lib/*" "$@" > "$SEQPE_CLUSTER/$name.log" 2>&1 &
    echo $! >> "$SEQPE_CLUSTER/pids"
}

await() { # NAME TEXT
    seconds=0
    until grep -q "$2" "$SEQPE_CLUSTER/$1.log" 2> /dev/null; do
        seconds=$((seconds + 1))
        if [ $seconds -gt 60 ]; then
            tail -n 20 "$SEQPE_CLUSTER/$1.log" >&2
            "$(dirname "$(readlink -f "$0")")/stop.sh"
            fail "Cannot start the cluster: $1 did not come up within 60 s; see above."
        fi
        sleep 1
    done
}

launch master org.apache.spark.deploy.master.Master --host "$SEQPE_HOST" --port "$SEQPE_MASTER_PORT" --webui-port "$SEQPE_WEB_PORT"
await master "I have been elected leader"
k=1
while [ $k -le "$SEQPE_WORKERS" ]; do
    launch "worker$k" org.apache.spark.deploy.worker.Worker --host "$SEQPE_HOST" --webui-port "$SEQPE_WEB_PORT" --cores "$SEQPE_WORKER_CORES" \
        --memory "$SEQPE_WORKER_MEMORY" --work-dir "$SEQPE_CLUSTER/work$k" "$master_url"
    k=$((k + 1))
done
k=1
while [ $k -le "$SEQPE_WORKERS" ]; do
    await "worker$k" "Successfully registered with master"
    k=$((k + 1))
done
echo "$master_url with $SEQPE_WORKERS workers of $SEQPE_WORKER_CORES cores and $SEQPE_WORKER_MEMORY; logs in $SEQPE_CLUSTER"
