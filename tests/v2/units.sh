#!/bin/bash
# units.sh CRI_OCI ASSEMBLIES: those unit tests that do something else on pure cgroup v2, by the test assemblies of the checkout, which run on .NET of the host.
# Only these: the emulated machine takes a second for what takes ten milliseconds elsewhere.
set -u
export CRI_OCI=$1
passed=0
failed=0

tests() { # tests ASSEMBLY FILTER...
    local assembly=$2/CriRuntime.$1.Tests.dll log
    log=$(dotnet "$assembly" -noLogo -noColor -failSkips "${@:3}" 2>&1)
    read -r total errors bad < <(sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\).*/\1 \2 \3/p' <<<"$log")
    if [ "${total:-0}" -gt 0 ]; then
        passed=$((passed + total - bad))
        failed=$((failed + errors + bad))
        echo "   $1: $total tests, $((errors + bad)) failed"
    else
        failed=$((failed + 1))
        echo "not ok $1: no test ran"
    fi
    [ "$((${errors:-1} + ${bad:-1}))" = 0 ] || sed 's/^/    /' <<<"$log"
}

tests Oci "$2/Oci/bin/Debug/net10.0" -class CriRuntime.Oci.Tests.Cgroups.RealCgroupTests
tests OciCli "$2/OciCli/bin/Debug/net10.0" -method CriRuntime.OciCli.Tests.ExecTests.A_further_process_has_a_cgroup_of_its_own_where_cgroups_kill
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
