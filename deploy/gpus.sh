#!/bin/sh
# A discovery script for Spark: prints the GPUs that a process started here can use, {"name":"gpu","addresses":["0","1"]}.
# An address is CUDA's number of a GPU: from 0, and after CUDA_VISIBLE_DEVICES has hidden and ordered them. So a process that sees two of
# eight GPUs has the addresses 0 and 1, whatever the numbers of nvidia-smi are. No GPU is an error: Spark would wait for ever for one.
#   SEQPE_GPUS            the most that are printed; 0 or not set: all
#   CUDA_VISIBLE_DEVICES  numbers or UUIDs, as CUDA reads it. A process can use one MIG slice only, so that the first one counts.
set -eu

fail() { # MESSAGE
    printf '%s\n' "$1" >&2
    exit 2
}

if command -v nvidia-smi > /dev/null; then
    gpus=$(nvidia-smi --query-gpu=index,uuid --format=csv,noheader) \
        || fail "Cannot find GPUs: expected nvidia-smi to list them, found that it fails: $gpus"
else
    # A container may have the devices and the driver's library, but not nvidia-smi. UUIDs cannot be told then.
    gpus=$(find /dev -maxdepth 1 -name 'nvidia[0-9]*' | sed 's|.*/nvidia||' | sort -n)
fi
present=$(printf '%s' "$gpus" | grep -c '[0-9]' || true)

# The number of GPUs that CUDA_VISIBLE_DEVICES leaves: CUDA stops reading it at the first entry that names none.
visible() {
    count=0
    set -f
    IFS=,
    for entry in $CUDA_VISIBLE_DEVICES; do
        entry=$(printf '%s' "$entry" | tr -d ' ')
        case $entry in
            MIG-*)
                [ $count -gt 0 ] || count=1
                break
                ;;
            GPU-*) # a UUID, or as much of its beginning as is needed
                case $gpus in
                    *GPU-*) printf '%s' "$gpus" | grep -q -F -e "$entry" || break ;;
                esac
                ;;
            '' | *[!0-9]*) break ;;
            *) [ "$entry" -lt "$present" ] || break ;;
        esac
        count=$((count + 1))
    done
    echo $count
}

count=$present
[ -z "${CUDA_VISIBLE_DEVICES+set}" ] || count=$(visible)
[ "$count" -gt 0 ] || fail "Cannot find GPUs: expected one or more, found $present on this machine${CUDA_VISIBLE_DEVICES+, of which CUDA_VISIBLE_DEVICES=$CUDA_VISIBLE_DEVICES shows none}; see whether nvidia-smi lists them."
most=${SEQPE_GPUS:-0}
[ "$most" -eq 0 ] || [ "$count" -le "$most" ] || count=$most

addresses='"0"'
k=1
while [ "$k" -lt "$count" ]; do
    addresses="$addresses,\"$k\""
    k=$((k + 1))
done
printf '{"name":"gpu","addresses":[%s]}\n' "$addresses"
