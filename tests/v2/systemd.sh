#!/bin/bash
# systemd.sh PROGRAMS UNITS E2E PACKAGE: the package as a service, then unit and end-to-end tests with the systemd driver, on a host that systemd runs.
set -u
export CRIRUNTIME=$1/criruntime CRI_CONMON=$1/cri-conmon CRI_OCI=$1/cri-oci
. "$(dirname "$0")/assemblies.sh"
. "$(dirname "$0")/package.sh"

package "$4"

tests "Oci, systemd" "$2/Oci/bin/Debug/net10.0/CriRuntime.Oci.Tests.dll" -explicit only -class CriRuntime.Oci.Tests.Cgroups.Systemd.RealSystemdTests
tests "OciCli, systemd" "$2/OciCli/bin/Debug/net10.0/CriRuntime.OciCli.Tests.dll" -explicit only -class CriRuntime.OciCli.Tests.SystemdTests
e2e systemd "$3" on Cgroups.SystemdDriverTests Containers.ResizeTests Containers.ContainerLifecycleTests Handlers.UnifiedHandlerTests
# The slice of the run itself is the tests', as the kubelet's would be the kubelet's.
left=$(systemctl list-units --all --no-legend --plain 'criruntime*.scope' 'criruntime*.slice' 'criocitest*' | grep -v '^criruntimee2e\.slice ')
if [ -n "$left" ]; then
    failed=$((failed + 1))
    echo "not ok units are left"
    echo "$left"
fi
summary
