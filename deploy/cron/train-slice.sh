#!/bin/sh
# One slice of a training, for cron: begins the run or goes on with it, and never twice at once on this machine.
#   train-slice.sh RUN_FOLDER OPTION_OF_TRAIN...
# The exit status is that of `seqpe train`; 0 also where the slice before is still at work. Output goes to SEQPE_LOG (~/seqpe-NAME.log); what fails is also
# written to standard error, which cron mails. SEQPE is the command to run, such as deploy/yarn/submit.sh for a cluster.
set -eu
[ $# -gt 1 ] || { echo "Cannot train: expected a run folder and the options of 'seqpe train', found: $*" >&2; exit 2; }
run=$1
shift
name=$(basename "$run")
[ -n "${SEQPE_LOG:-}${HOME:-}" ] || { echo "Cannot train: expected a file for the log in SEQPE_LOG, or a home folder, found neither." >&2; exit 2; }
log=${SEQPE_LOG:-$HOME/seqpe-$name.log}
seqpe=${SEQPE:-$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")/seqpe}

# The run folder has a lock of its own, which holds across machines; this one makes an overlap no failure.
exec 9> "$log.lock"
flock -n 9 || { echo "$(date -u +%FT%TZ) the slice before is still at work" >> "$log"; exit 0; }
echo "$(date -u +%FT%TZ) train --run $run $*" >> "$log"
status=0
"$seqpe" train --run "$run" "$@" >> "$log" 2>&1 9>&- || status=$?
echo "$(date -u +%FT%TZ) exit status $status" >> "$log"
case $status in
    0 | 130 | 143) ;; # done, its time is up, or stopped by a signal after a checkpoint
    *) echo "seqpe train on $run ended with status $status; the end of $log:" >&2; tail -n 20 "$log" >&2 ;;
esac
exit "$status"
