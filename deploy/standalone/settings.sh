# shellcheck shell=sh
# Settings that start.sh, submit.sh and stop.sh share; each can be set in the environment.

# Where the distribution is: `seqpe --version` builds modules/cli/target/dist, or unpack one elsewhere.
repository=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
SEQPE_DIST=${SEQPE_DIST:-$repository/modules/cli/target/dist}
# State of the cluster: process ids, logs, the workers' folders.
SEQPE_CLUSTER=${SEQPE_CLUSTER:-$repository/dist/standalone}
# The address that master, workers and driver listen on; loopback reaches nobody else.
SEQPE_HOST=${SEQPE_HOST:-127.0.0.1}
SEQPE_MASTER_PORT=${SEQPE_MASTER_PORT:-7077}
# Web pages of the master and the workers; 0 picks free ports.
SEQPE_WEB_PORT=${SEQPE_WEB_PORT:-0}
SEQPE_WORKERS=${SEQPE_WORKERS:-2}
SEQPE_WORKER_CORES=${SEQPE_WORKER_CORES:-1}
SEQPE_WORKER_MEMORY=${SEQPE_WORKER_MEMORY:-2g}

master_url=spark://$SEQPE_HOST:$SEQPE_MASTER_PORT

fail() {
    printf '%s\n' "$1" >&2
    exit 2
}

if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
else
    java=$(command -v java) || fail "Cannot run Spark: expected Java 17 on the PATH or in JAVA_HOME, found none."
fi
[ -d "$SEQPE_DIST/lib" ] || fail "Cannot run Spark: expected the distribution's jars in $SEQPE_DIST/lib, found none; run '$repository/seqpe --help' once, which builds them, or set SEQPE_DIST."
