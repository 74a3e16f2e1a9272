#!/usr/bin/env bash
# inside.sh COMMAND...: process 1 of the tests' namespaces. Prepares the file systems and loopback, then runs the tests.
set -euo pipefail
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs -o mode=0755 tmpfs /var/lib/cni 2>/dev/null || { mkdir -p /var/lib/cni; mount -t tmpfs tmpfs /var/lib/cni; }
mkdir -p /run/lock /run/netns
mount --make-rshared /
ip link set lo up
"$@"
