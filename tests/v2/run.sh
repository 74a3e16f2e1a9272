#!/bin/bash
# run.sh [PROGRAMS]: runs the tests of this folder in a VM with pure cgroup v2 (run-v2.sh), with the published programs of a directory (default: out/).
# Every test prints "ok NAME" or "not ok NAME"; the last line is "N passed, N failed", and the status is 0 only when something passed and nothing failed.
# The VM is emulated: the cache (V2_CACHE, default out/v2-cache) takes about a minute to fill once, a run takes some tens of seconds.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
programs=$(readlink -f "${1:-out}")
export V2_CACHE=${V2_CACHE:-$PWD/out/v2-cache}
mkdir -p "$V2_CACHE"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0
for script in oci.sh; do
    echo "== $script"
    tests/v2/run-v2.sh --no-dotnet -t 300 -r "$PWD/tests/v2:/v2-tests" -r "$programs:/v2-programs" -C / -- bash "/v2-tests/$script" /v2-programs/cri-oci 2>&1 | tee "$log"
    # What the script did not live to say is a failure of its own.
    grep -qE '^[0-9]+ passed, [0-9]+ failed$' "$log" || { echo "not ok $script: it did not come to its end"; failed=$((failed + 1)); }
    passed=$((passed + $(grep -c '^ok ' "$log")))
    failed=$((failed + $(grep -c '^not ok ' "$log")))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
