#!/usr/bin/env bash
# run.sh RESULTS.trx [runner options]: the end-to-end tests, in mount, network and pid namespaces of their own.
# Inside, /run and /var/lib are fresh tmpfs and loopback is the only network; the published programs are found
# by CRIRUNTIME, CRI_CONMON and CRI_OCI. Afterwards nothing of the run may be left on the host.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
results=${1:?usage: run.sh RESULTS.trx [runner options]}
shift
runner=$here/bin/Debug/net10.0/CriRuntime.E2e
log=${results%.trx}.log

[ "$(id -u)" = 0 ] || { echo "e2e: needs root" >&2; exit 1; }
for program in CRIRUNTIME CRI_CONMON CRI_OCI; do
    [ -x "${!program:-}" ] || { echo "e2e: $program='${!program:-}' is not an executable; ./build.sh makes it, ./test.sh sets it" >&2; exit 1; }
done
[ -x "$runner" ] || { echo "e2e: $runner is not built" >&2; exit 1; }

export E2E_CGROUP=/criruntime-e2e-$$
timeout --kill-after=30 "${TEST_TIMEOUT:-2400}" \
    unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private \
    "$here/inside.sh" "$runner" -noLogo -noColor -failSkips -trx "$results" "$@" > "$log" 2>&1
status=$?

grep -E -A 8 '\[FAIL\]|\[SKIP\]' "$log" | head -n 120
tail -n 1 "$log"
[ -s "$results" ] || { tail -n 60 "$log"; exit 1; }

# The namespaces died with the run, and every process, mount and interface in them. cgroups are the host's: the run's
# own directory is to be empty, as each daemon's was removed by its test.
for own in /sys/fs/cgroup"$E2E_CGROUP" /sys/fs/cgroup/*"$E2E_CGROUP"; do
    [ ! -d "$own" ] || rmdir "$own" 2>/dev/null
done
left=$(find /sys/fs/cgroup -maxdepth 3 -type d -path "*$E2E_CGROUP*" 2>/dev/null)
if [ -n "$left" ]; then
    echo "e2e: cgroups left on the host:"
    echo "$left"
    find /sys/fs/cgroup -depth -type d -path "*$E2E_CGROUP*" -exec rmdir {} \; 2>/dev/null
    exit 1
fi
[ "$status" -eq 0 ] || grep -q 'failed="[1-9]' "$results"
