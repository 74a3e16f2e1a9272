#!/usr/bin/env bash
# build-package.sh [PROGRAMS [OUTPUT]]: makes criruntime_VERSION_ARCH.deb of the programs that build.sh published.
# PROGRAMS: their directory (default out/); OUTPUT: where the package goes (default PROGRAMS). Needs dpkg-deb only, and no root.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=$(readlink -f "${1:-out}")
output=$(readlink -f "${2:-$programs}")
for program in criruntime cri-conmon cri-oci; do
    [ -x "$programs/$program" ] || { echo "build-package.sh: $programs/$program is missing; ./build.sh makes it" >&2; exit 1; }
done

version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
architecture=$(dpkg --print-architecture)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"

install -D -m 0755 -t "$tree/usr/bin" "$programs/criruntime" "$programs/cri-conmon" "$programs/cri-oci"
install -D -m 0644 -t "$tree/lib/systemd/system" deploy/systemd/criruntime.service
install -D -m 0600 deploy/config/config.json "$tree/etc/criruntime/config.json"
install -d -m 0755 "$tree/etc/criruntime/config.d"
doc=$tree/usr/share/doc/criruntime
install -D -m 0644 -t "$doc" README.md CHANGELOG.md docs/configuration.md docs/architecture.md docs/migration.md
install -D -m 0644 LICENSE "$doc/copyright"
install -D -m 0644 -t "$doc/examples" deploy/config/crictl.yaml deploy/cni/10-criruntime.conflist deploy/kubernetes/*.yaml

install -d -m 0755 "$tree/DEBIAN"
echo /etc/criruntime/config.json > "$tree/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 0755 "deploy/debian/$script" "$tree/DEBIAN/$script"
done
cat > "$tree/DEBIAN/control" <<END
Package: criruntime
Version: $version
Architecture: $architecture
Maintainer: The CriRuntime authors <criruntime@example.org>
Installed-Size: $(du -sk --apparent-size "$tree" | cut -f1)
Depends: libc6 (>= 2.36), libseccomp2, libsystemd0, libssl3 | libssl3t64, libzstd1, zlib1g, iptables | nftables
Recommends: containernetworking-plugins, apparmor
Suggests: criu, kubelet, cri-tools
Provides: container-runtime
Section: admin
Priority: optional
Description: container runtime for a Kubernetes node (CRI)
 criruntime serves the Kubernetes container runtime interface on a unix
 socket: the kubelet, crictl and critest are its clients. It pulls images,
 makes pods whose networks are set up by CNI plugins, and runs containers by
 an OCI runtime of its own under one small monitor per pod, which outlives
 the daemon.
END
dpkg-deb --root-owner-group --build "$tree" "$output/criruntime_${version}_$architecture.deb" > /dev/null
echo "$output/criruntime_${version}_$architecture.deb"
