# shellcheck shell=sh
# Settings of submit.sh; each can be set in the environment. The sizes are those of a replica of 124 million parameters with the published batch; docs/operations.md has the arithmetic.
. "$(dirname "$(readlink -f "$0")")/../common.sh"

# Our jars and what Spark does not bring: a build with -Pdist makes the folder.
SEQPE_CLUSTER_LIB=${SEQPE_CLUSTER_LIB:-$repository/modules/cli/target/dist/cluster-lib}
# The same as an archive. Put it on HDFS once and name it here (hdfs:///apps/seqpe/cluster-lib.zip); otherwise each submission uploads it.
SEQPE_ARCHIVE=${SEQPE_ARCHIVE:-}
# cluster: the driver is the application master. client: it is this process, its output is seen here and its exit status is the command's.
SEQPE_DEPLOY_MODE=${SEQPE_DEPLOY_MODE:-cluster}
SEQPE_QUEUE=${SEQPE_QUEUE:-default}
# One executor a replica, computing with all of its cores.
SEQPE_EXECUTORS=${SEQPE_EXECUTORS:-4}
SEQPE_EXECUTOR_CORES=${SEQPE_EXECUTOR_CORES:-8}
# Heap; most that tensors may take outside of it; what the container has beside the heap, tensors included.
SEQPE_EXECUTOR_MEMORY=${SEQPE_EXECUTOR_MEMORY:-8g}
SEQPE_EXECUTOR_NATIVE=${SEQPE_EXECUTOR_NATIVE:-16g}
SEQPE_EXECUTOR_OVERHEAD=${SEQPE_EXECUTOR_OVERHEAD:-20g}
# GPUs of each executor (yarn.io/gpu) are SEQPE_GPUS, 0 by default, with one replica on each. 1 here gives the driver one too, in cluster mode; without it the driver
# evaluates on the processor (device.kind = auto).
SEQPE_DRIVER_GPUS=${SEQPE_DRIVER_GPUS:-0}
SEQPE_DRIVER_CORES=${SEQPE_DRIVER_CORES:-4}
SEQPE_DRIVER_MEMORY=${SEQPE_DRIVER_MEMORY:-8g}
SEQPE_DRIVER_NATIVE=${SEQPE_DRIVER_NATIVE:-8g}
SEQPE_DRIVER_OVERHEAD=${SEQPE_DRIVER_OVERHEAD:-10g}
