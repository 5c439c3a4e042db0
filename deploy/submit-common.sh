# shellcheck shell=sh
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

# Nobody but the application's own processes gets at its tasks, parameters and moments. YARN and Kubernetes make a secret for each application, and hand it to its processes.
# The driver's web page shows what runs to everybody who reaches it: --conf spark.ui.enabled=true asks for it. No shuffle service: a cluster's own may know of no secrets.
protection="--conf spark.authenticate=true --conf spark.network.crypto.enabled=true --conf spark.network.crypto.saslFallback=false \
--conf spark.network.crypto.authEngineVersion=2 --conf spark.shuffle.service.enabled=false --conf spark.ui.enabled=false"
