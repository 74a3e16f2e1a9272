#!/bin/bash
# run.sh [PROGRAMS]: runs the tests of this folder in a VM with pure cgroup v2 (run-v2.sh), with the published programs of a directory (default: out/) and the
# test assemblies that were built in this checkout. Each script ends with "N passed, N failed", and so does this one; the status is 0 only when
# something passed and nothing failed. The VM is emulated: the cache (V2_CACHE, default out/v2-cache) takes about a minute to fill once, a run takes ten to fifteen minutes.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
programs=$(readlink -f "${1:-out}")
export V2_CACHE=${V2_CACHE:-$PWD/out/v2-cache}
mkdir -p "$V2_CACHE"

log=$(mktemp)
scratch=$(mktemp -d)
trap 'rm -rf "$log" "$scratch"' EXIT
passed=0
failed=0

run() { # run SCRIPT OPTION... -- ARGUMENT...: a script in a VM of its own
    local script=$1 options=() summary
    shift
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    echo "== $script"
    tests/v2/run-v2.sh -t 400 "${options[@]}" -r "$PWD/tests/v2:/v2-tests" -r "$programs:/v2-programs" -C / -- \
        bash "/v2-tests/$script" /v2-programs "$@" 2>&1 | tee "$log"
    summary=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    if [ -z "$summary" ]; then
        echo "not ok $script: it did not come to its end"
        failed=$((failed + 1))
        return
    fi
    passed=$((passed + ${summary%% *}))
    failed=$((failed + $(sed 's/.*, \([0-9]*\) .*/\1/' <<<"$summary")))
}

# One image for all: plugins, AppArmor's parser, criu, the other runtimes and SELinux's policy are for the end-to-end tests.
export V2_PACKAGES="containernetworking-plugins apparmor criu runc crun selinux-policy-default policycoreutils"
export V2_SETUP=$PWD/tests/v2/selinux-policy.sh
e2e=(-m 3072 -t 1500 -r "$PWD/tests/e2e/bin/Debug/net10.0:/v2-e2e" -r "$PWD/tests/unit:/v2-units")

run oci.sh --no-dotnet --
run cgroupfs.sh "${e2e[@]}" -- /v2-units /v2-e2e
# A kernel enforces either AppArmor or SELinux.
run selinux.sh "${e2e[@]}" -a security=selinux -- /v2-e2e
package=$(deploy/debian/build-package.sh "$programs" "$scratch") || { echo "not ok package: it could not be built"; failed=$((failed + 1)); }
run systemd.sh --systemd "${e2e[@]}" -r "$scratch:/v2-package" -- /v2-units /v2-e2e "/v2-package/${package##*/}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
