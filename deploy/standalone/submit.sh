#!/bin/sh
# Runs a seqpe command on the cluster of start.sh, through Spark's own SparkSubmit; this process is the driver. Spark properties go before
# the command: submit.sh [--conf KEY=VALUE ...] COMMAND ARGUMENT...
#   deploy/standalone/submit.sh --conf spark.executor.memory=4g train --conf wikitext103 --run runs/wikitext103
# SEQPE_JAVA_OPTS holds further options of the driver's JVM, such as -Xmx16g.
set -eu
. "$(dirname "$(readlink -f "$0")")/settings.sh"

require_program
require_secret
. "$(dirname "$(readlink -f "$0")")/../submit-common.sh"
# The driver is this process: Spark gives it no GPU, and it sees what CUDA_VISIBLE_DEVICES leaves.
gpus=$(gpu_properties)
main=$(ls "$SEQPE_DIST"/lib/seqpe-cli-*.jar)

export SPARK_LOCAL_IP="$SEQPE_HOST"
# shellcheck disable=SC2086 # properties and options are meant to be split
exec "$java" "@$SEQPE_DIST/jvm.options" "-Dseqpe.home=$repository" "-Dlog4j2.configurationFile=file:$SEQPE_DIST/log4j2.properties" ${SEQPE_JAVA_OPTS:-} \
    -cp "$SEQPE_DIST/lib/*" org.apache.spark.deploy.SparkSubmit --master "$master_url" \
    --conf "spark.driver.host=$SEQPE_HOST" --conf "spark.driver.bindAddress=$SEQPE_HOST" --conf spark.ui.enabled=false $gpus $properties \
    --class org.seqpe.cli.Seqpe "$main" "$@"
