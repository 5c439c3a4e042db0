#!/bin/sh
# Runs a seqpe command on Kubernetes with a spark-submit 3.5 of this machine; the driver is a pod. Spark properties go before the command:
#   export SEQPE_KUBERNETES=https://HOST:6443 SEQPE_IMAGE=registry.example/seqpe:0.1.0
#   deploy/kubernetes/submit.sh [--conf KEY=VALUE ...] train --conf /seqpe/pg19.conf --run /seqpe/runs/pg19 --max-runtime 6h
# /seqpe is the claim of storage.yaml, which driver and executors mount. spark-submit ends with status 0 also where the driver has failed:
# its log and its pod's exit code tell (docs/operations.md). Sizes and GPUs: settings as in deploy/yarn/settings.sh.
set -eu
. "$(dirname "$(readlink -f "$0")")/../common.sh"

[ -n "${SEQPE_KUBERNETES:-}" ] || fail "Cannot submit: expected the address of the API server in SEQPE_KUBERNETES, such as https://HOST:6443; kubectl cluster-info prints it."
[ -n "${SEQPE_IMAGE:-}" ] || fail "Cannot submit: expected an image made by deploy/kubernetes/Dockerfile in SEQPE_IMAGE."
command -v spark-submit > /dev/null || fail "Cannot submit: expected spark-submit on the PATH, found none; add SPARK_HOME/bin."
cores=${SEQPE_EXECUTOR_CORES:-8}
claim=${SEQPE_CLAIM:-seqpe}
pod=$repository/deploy/kubernetes/pod.yaml
executor_pod=$pod
[ "$SEQPE_GPUS" -eq 0 ] || executor_pod=$repository/deploy/kubernetes/gpu-pod.yaml
driver_pod=$pod
[ "${SEQPE_DRIVER_GPUS:-0}" -eq 0 ] || driver_pod=$repository/deploy/kubernetes/gpu-pod.yaml

. "$(dirname "$(readlink -f "$0")")/../submit-common.sh"
volumes=
for role in driver executor; do
    volumes="$volumes --conf spark.kubernetes.$role.volumes.persistentVolumeClaim.seqpe.options.claimName=$claim"
    volumes="$volumes --conf spark.kubernetes.$role.volumes.persistentVolumeClaim.seqpe.mount.path=/seqpe"
done
task_cores=$(cores_of_task "$cores") || exit 2
gpus=$(gpu_discovery /opt/seqpe/gpus.sh vendor=nvidia.com)

set -f # stars are for Java
# shellcheck disable=SC2046,SC2086 # properties are meant to be split
exec spark-submit --master "k8s://$SEQPE_KUBERNETES" --deploy-mode cluster --name "seqpe-$1" \
    --executor-memory "${SEQPE_EXECUTOR_MEMORY:-8g}" --driver-memory "${SEQPE_DRIVER_MEMORY:-8g}" \
    --conf "spark.executor.instances=${SEQPE_EXECUTORS:-4}" --conf "spark.executor.cores=$cores" --conf "spark.task.cpus=$task_cores" $gpus \
    --conf "spark.driver.cores=${SEQPE_DRIVER_CORES:-4}" \
    --conf "spark.executor.memoryOverhead=${SEQPE_EXECUTOR_OVERHEAD:-20g}" --conf "spark.driver.memoryOverhead=${SEQPE_DRIVER_OVERHEAD:-10g}" \
    --conf "spark.kubernetes.namespace=${SEQPE_NAMESPACE:-seqpe}" --conf spark.kubernetes.authenticate.driver.serviceAccountName=seqpe-driver \
    --conf spark.kubernetes.authenticate.executor.serviceAccountName=seqpe-executor \
    --conf "spark.kubernetes.driver.podTemplateFile=$driver_pod" --conf "spark.kubernetes.executor.podTemplateFile=$executor_pod" \
    --conf "spark.kubernetes.container.image=$SEQPE_IMAGE" $volumes \
    --conf "spark.driver.extraJavaOptions=$kernels $jvm${SEQPE_DRIVER_NATIVE:-8g} -Dseqpe.home=/opt/seqpe" --conf "spark.executor.extraJavaOptions=$jvm${SEQPE_EXECUTOR_NATIVE:-16g}" \
    --conf "spark.driver.extraClassPath=/opt/seqpe/lib/*" --conf "spark.executor.extraClassPath=/opt/seqpe/lib/*" \
    --conf spark.dynamicAllocation.enabled=false $protection --conf spark.kubernetes.driverEnv.LC_ALL=C.UTF-8 $(openblas_for spark.kubernetes.driverEnv.) $properties \
    --class org.seqpe.cli.Seqpe local:///opt/seqpe/lib/seqpe-cli-0.1.0-SNAPSHOT.jar "$@"
