#!/bin/sh
# Runs a seqpe command on YARN, with the spark-submit of the cluster (Spark 3.5 for Scala 2.12, Java 17 on every node). Spark properties go before the command:
#   deploy/yarn/submit.sh [--conf KEY=VALUE ...] COMMAND ARGUMENT...
#   deploy/yarn/submit.sh train --conf hdfs:///seqpe/pg19.conf --run hdfs:///seqpe/runs/pg19 --max-runtime 6h
# Configuration, data and run folder have to be on paths that every node sees. Settings: settings.sh.
set -eu
. "$(dirname "$(readlink -f "$0")")/settings.sh"

command -v spark-submit > /dev/null || fail "Cannot submit: expected spark-submit on the PATH, found none; add SPARK_HOME/bin."
main=$(find "$SEQPE_CLUSTER_LIB" -name 'seqpe-cli-*.jar' 2> /dev/null | head -n 1)
[ -n "$main" ] || fail "Cannot submit: expected the jars in $SEQPE_CLUSTER_LIB, found none; run '$repository/seqpe --help' once, which builds them, or set SEQPE_CLUSTER_LIB."
if [ -z "$SEQPE_ARCHIVE" ]; then
    SEQPE_ARCHIVE=$SEQPE_CLUSTER_LIB.zip
    # Under another name first: two submissions may come at once.
    if [ ! -f "$SEQPE_ARCHIVE" ] || [ -n "$(find "$SEQPE_CLUSTER_LIB" -newer "$SEQPE_ARCHIVE" | head -n 1)" ]; then
        jar=${JAVA_HOME:+$JAVA_HOME/bin/}jar
        command -v "$jar" > /dev/null || fail "Cannot submit: expected a JDK's jar on the PATH or in JAVA_HOME, to pack $SEQPE_CLUSTER_LIB, found none; or name the archive in SEQPE_ARCHIVE."
        "$jar" --create --no-manifest --no-compress --file "$SEQPE_ARCHIVE.$$" -C "$SEQPE_CLUSTER_LIB" .
        mv "$SEQPE_ARCHIVE.$$" "$SEQPE_ARCHIVE"
    fi
fi
# In client mode the driver runs here, where the archive is not unpacked.
driver_path='./seqpe/*'
if [ "$SEQPE_DEPLOY_MODE" != cluster ]; then
    driver_path="$SEQPE_CLUSTER_LIB/*"
    SEQPE_DRIVER_GPUS=0
fi

. "$(dirname "$(readlink -f "$0")")/../submit-common.sh"
task_cores=$(cores_of_task "$SEQPE_EXECUTOR_CORES") || exit 2
gpus=$(gpu_discovery ./gpus.sh)
[ -z "$gpus" ] || gpus="--files $repository/deploy/gpus.sh $gpus"

set -f # stars are for Java
# One attempt: a second one comes before the lock of the first has run out (60 s), and is refused. Whoever submits tries again; the run goes on from its checkpoint.
# shellcheck disable=SC2046,SC2086 # properties are meant to be split
exec spark-submit --master yarn --deploy-mode "$SEQPE_DEPLOY_MODE" --queue "$SEQPE_QUEUE" --name "seqpe $1" \
    --num-executors "$SEQPE_EXECUTORS" --executor-cores "$SEQPE_EXECUTOR_CORES" --executor-memory "$SEQPE_EXECUTOR_MEMORY" \
    --driver-memory "$SEQPE_DRIVER_MEMORY" --driver-cores "$SEQPE_DRIVER_CORES" --archives "$SEQPE_ARCHIVE#seqpe" \
    --conf "spark.task.cpus=$task_cores" $gpus \
    --conf "spark.executor.memoryOverhead=$SEQPE_EXECUTOR_OVERHEAD" --conf "spark.driver.memoryOverhead=$SEQPE_DRIVER_OVERHEAD" \
    --conf "spark.driver.extraJavaOptions=$kernels $jvm$SEQPE_DRIVER_NATIVE" --conf "spark.executor.extraJavaOptions=$jvm$SEQPE_EXECUTOR_NATIVE" \
    --conf "spark.driver.extraClassPath=$driver_path" --conf "spark.executor.extraClassPath=./seqpe/*" \
    --conf spark.dynamicAllocation.enabled=false --conf spark.yarn.maxAppAttempts=1 $protection --conf spark.yarn.appMasterEnv.LC_ALL=C.UTF-8 $(openblas_for spark.yarn.appMasterEnv.) $properties \
    --class org.seqpe.cli.Seqpe "$main" "$@"
