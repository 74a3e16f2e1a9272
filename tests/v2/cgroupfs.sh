#!/bin/bash
# cgroupfs.sh PROGRAMS UNITS E2E: unit and end-to-end tests with the cgroupfs driver, on a host whose process 1 does nothing to cgroups.
set -u
export CRIRUNTIME=$1/criruntime CRI_CONMON=$1/cri-conmon CRI_OCI=$1/cri-oci
. "$(dirname "$0")/assemblies.sh"

tests Oci "$2/Oci/bin/Debug/net10.0/CriRuntime.Oci.Tests.dll" -class CriRuntime.Oci.Tests.Cgroups.RealCgroupTests
tests OciCli "$2/OciCli/bin/Debug/net10.0/CriRuntime.OciCli.Tests.dll" -method CriRuntime.OciCli.Tests.ExecTests.A_further_process_has_a_cgroup_of_its_own_where_cgroups_kill
e2e cgroupfs "$3" off Containers.ResizeTests Containers.ContainerLifecycleTests
# One after the other: the former unload the machine's profile, with which the latter's containers run.
e2e cgroupfs "$3" on Containers.AppArmorTests
e2e cgroupfs "$3" on Checkpoints.CriuTests
e2e cgroupfs "$3" on Handlers.UnifiedHandlerTests
summary
