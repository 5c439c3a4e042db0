# shellcheck shell=sh disable=SC2034
# Settings that start.sh, submit.sh and stop.sh share; each can be set in the environment.
. "$(dirname "$(readlink -f "$0")")/../common.sh"

# Where the distribution is: `seqpe --version` builds modules/cli/target/dist, or unpack one elsewhere.
SEQPE_DIST=${SEQPE_DIST:-$repository/modules/cli/target/dist}
# State of what start.sh started here: process ids, logs, the workers' folders.
SEQPE_CLUSTER=${SEQPE_CLUSTER:-$repository/dist/standalone}
# This machine's address that master, workers and driver listen on; loopback reaches nobody else.
SEQPE_HOST=${SEQPE_HOST:-127.0.0.1}
SEQPE_MASTER_PORT=${SEQPE_MASTER_PORT:-7077}
# The master of another machine, spark://HOST:PORT: start.sh adds this machine's workers to it, submit.sh runs on it.
SEQPE_MASTER=${SEQPE_MASTER:-}
# Web pages of the master and the workers: 0 picks free ports. They show what runs, to everybody who reaches them, so they are on loopback unless asked for.
SEQPE_WEB_PORT=${SEQPE_WEB_PORT:-0}
SEQPE_WEB_HOST=${SEQPE_WEB_HOST:-127.0.0.1}
# The file with the cluster's secret. start.sh makes it on the machine of the master; other machines and clients need a copy that only their user can read.
export SEQPE_SECRET_FILE="${SEQPE_SECRET_FILE:-$SEQPE_CLUSTER/secret}"
# With GPUs one worker hands out all of the machine, SEQPE_GPUS of them (0 by default), and has a core for each.
if [ "$SEQPE_GPUS" -eq 0 ]; then
    SEQPE_WORKERS=${SEQPE_WORKERS:-2}
    SEQPE_WORKER_CORES=${SEQPE_WORKER_CORES:-1}
else
    SEQPE_WORKERS=${SEQPE_WORKERS:-1}
    SEQPE_WORKER_CORES=${SEQPE_WORKER_CORES:-$SEQPE_GPUS}
fi
SEQPE_WORKER_MEMORY=${SEQPE_WORKER_MEMORY:-2g}

master_url=${SEQPE_MASTER:-spark://$SEQPE_HOST:$SEQPE_MASTER_PORT}

# Sets $java, and sees that the distribution is there.
require_program() {
    if [ -n "${JAVA_HOME:-}" ]; then
        java=$JAVA_HOME/bin/java
    else
        java=$(command -v java) || fail "Cannot run Spark: expected Java 17 on the PATH or in JAVA_HOME, found none."
    fi
    [ -d "$SEQPE_DIST/lib" ] || fail "Cannot run Spark: expected the distribution's jars in $SEQPE_DIST/lib, found none; run '$repository/seqpe --help' once, which builds them, or set SEQPE_DIST."
}

# A process id may have gone to another program since: only Spark's own processes count. One that has ended and that nobody has asked for its status does not.
is_running() { # PID
    ps -p "$1" -o args= 2> /dev/null | grep -q "org.apache.spark.deploy"
}

# Sees that there is a secret which nobody else can read.
require_secret() {
    [ -s "$SEQPE_SECRET_FILE" ] || fail "Cannot use the cluster: expected its secret in $SEQPE_SECRET_FILE, found none; copy the file from the machine of the master, for this user alone (mode 600), or name it in SEQPE_SECRET_FILE."
    [ -z "$(find -L "$SEQPE_SECRET_FILE" -perm /077)" ] || fail "Cannot use the secret in $SEQPE_SECRET_FILE: other users can read or write it; chmod 600 it, and make a new secret if they have."
}

# Prints Spark's settings for authentication and encryption, with the secret: into files of mode 600 only, never on a command line, which every user can read.
secret_properties() {
    printf 'spark.authenticate true\nspark.authenticate.secret %s\n' "$(cat "$SEQPE_SECRET_FILE")"
    printf 'spark.network.crypto.enabled true\nspark.network.crypto.saslFallback false\nspark.network.crypto.authEngineVersion 2\nspark.master.rest.enabled false\n'
}
