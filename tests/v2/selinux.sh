#!/bin/bash
# selinux.sh PROGRAMS E2E: end-to-end tests on a host that enforces SELinux, by Debian's policy with what selinux-policy.sh adds.
set -u
export CRIRUNTIME=$1/criruntime CRI_CONMON=$1/cri-conmon CRI_OCI=$1/cri-oci
. "$(dirname "$0")/assemblies.sh"

mount -t selinuxfs none /sys/fs/selinux && load_policy -i && setenforce 1 || echo "not ok selinux: the policy could not be loaded"
e2e cgroupfs "$2" only Containers.SelinuxTests
# What was denied to the containers, for those who look for the reason of a failure.
[ "$failed" = 0 ] || dmesg | grep 'avc:.*denied.*scontext=[^ ]*:container_t' | tail -n 40
summary
