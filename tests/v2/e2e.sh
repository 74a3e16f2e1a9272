#!/bin/bash
# e2e.sh PROGRAMS RUNNER DRIVER CLASS...: classes of the end-to-end tests with a cgroup driver (cgroupfs or systemd), by the runner that the checkout's build left.
# The machine is thrown away, so unlike tests/e2e/run.sh this makes no namespaces: systemd would not know processes of another pid namespace.
set -u
export CRIRUNTIME=$1/criruntime CRI_CONMON=$1/cri-conmon CRI_OCI=$1/cri-oci E2E_CGROUP_DRIVER=$3 E2E_TIME_FACTOR=10
runner=$2
case $3 in
    systemd) export E2E_CGROUP=/criruntimee2e.slice ;;
    *) export E2E_CGROUP=/criruntime-e2e ;;
esac
shift 3
filter=()
for class in "$@"; do filter+=(-class "CriRuntime.E2e.$class"); done

mkdir -p /run/netns /var/lib/cni
log=$(dotnet "$runner" -noLogo -noColor -failSkips "${filter[@]}" 2>&1)
read -r total errors bad < <(sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\).*/\1 \2 \3/p' <<<"$log")
[ "$((${errors:-1} + ${bad:-1}))" = 0 ] || sed 's/^/    /' <<<"$log"
grep -o 'Time: .*' <<<"$log"
total=${total:-0} failed=$((${errors:-1} + ${bad:-0}))
[ "$total" -gt 0 ] || { echo "not ok e2e: no test ran"; failed=1; }
echo "   e2e with $E2E_CGROUP_DRIVER: $total tests, $failed failed"
echo "$((total - ${bad:-0})) passed, $failed failed"
[ "$failed" = 0 ]
