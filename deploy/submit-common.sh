# shellcheck shell=sh disable=SC2034
# What every submit.sh reads: the Spark properties before the command, taken from the arguments into $properties, and the options of Java.
# The script has read common.sh.

properties=
while [ "${1:-}" = --conf ]; do
    case $2 in
        *' '*) fail "Cannot pass $2: Spark properties with spaces belong in a file; use spark-submit itself." ;;
    esac
    properties="$properties --conf $2"
    shift 2
done
[ $# -gt 0 ] || fail "Cannot submit: expected a seqpe command, such as train; found none."

# As jvm.modules in the parent POM. Executors get it from the program itself (SparkSessions).
kernels="--add-modules jdk.incubator.vector \
-XX:CompileCommand=quiet \
-XX:CompileCommand=inline,org.seqpe.compute.cpu.runtime.VectorMath::* \
-XX:CompileCommand=dontinline,org.seqpe.compute.cpu.row.GeluLoops::* \
-XX:CompileCommand=dontinline,org.seqpe.compute.cpu.attention.SoftmaxRows::* \
-XX:CompileCommand=dontinline,org.seqpe.compute.cpu.loss.CrossEntropy::*"
jvm="-XX:+UseParallelGC -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dorg.bytedeco.javacpp.maxbytes="

# What chooses OpenBLAS's kernels here, for the driver: other kernels round otherwise. The driver passes it on to its executors (SparkSessions).
#   openblas_for PREFIX  prints a Spark property for each variable
openblas_for() {
    env | sed -n "s/^\(OPENBLAS_[A-Z0-9_]*=[^ ]*\)$/--conf $1\1/p" | tr '\n' ' '
}

# GPUs, where SEQPE_GPUS asks for some: Spark gives each task one of those that an executor has.
#   gpu_properties  prints the Spark properties of executors and tasks
gpu_properties() {
    [ "$SEQPE_GPUS" -eq 0 ] || printf '%s' "--conf spark.executor.resource.gpu.amount=$SEQPE_GPUS --conf spark.task.resource.gpu.amount=1"
}
#   gpu_discovery SCRIPT [PROPERTY=VALUE]  prints those of containers, which find their GPUs themselves; the driver's has one if SEQPE_DRIVER_GPUS=1
gpu_discovery() {
    for role in executor:$SEQPE_GPUS driver:${SEQPE_DRIVER_GPUS:-0}; do
        [ "${role#*:}" -gt 0 ] || continue
        resource=spark.${role%:*}.resource.gpu
        printf '%s ' "--conf $resource.amount=${role#*:} --conf $resource.discoveryScript=$1" ${2:+"--conf $resource.$2"}
    done
    [ "$SEQPE_GPUS" -eq 0 ] || printf '%s' "--conf spark.task.resource.gpu.amount=1"
}
#   cores_of_task CORES  prints the cores of a task, of an executor that has so many: it computes one replica on each GPU, or one with all cores
cores_of_task() {
    [ "$SEQPE_GPUS" -le "$1" ] || fail "Cannot submit: expected a core or more for each of the $SEQPE_GPUS GPUs of an executor (SEQPE_GPUS), found $1 (SEQPE_EXECUTOR_CORES)."
    if [ "$SEQPE_GPUS" -eq 0 ]; then
        echo "$1"
    else
        echo $(($1 / SEQPE_GPUS))
    fi
}

# Nobody but the application's own processes gets at its tasks, parameters and moments. YARN and Kubernetes make a secret for each application, and hand it to its processes.
# The driver's web page shows what runs to everybody who reaches it: --conf spark.ui.enabled=true asks for it. No shuffle service: a cluster's own may know of no secrets.
protection="--conf spark.authenticate=true --conf spark.network.crypto.enabled=true --conf spark.network.crypto.saslFallback=false \
--conf spark.network.crypto.authEngineVersion=2 --conf spark.shuffle.service.enabled=false --conf spark.ui.enabled=false"
