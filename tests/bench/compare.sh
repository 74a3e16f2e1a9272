#!/usr/bin/env bash
# compare.sh [OUTDIR]: measures criruntime beside Debian's containerd and runc in one go, and prints them side by side.
# Both get the same CNI configuration, images, cgroup version and machine, one after the other, in mount, network and pid
# namespaces of their own, so that nothing of it stays on the host. Writes OUTDIR/table.md, OUTDIR/chart.svg and the raw results.
#   ROUNDS=40        pods per latency measure        ONLY="latency streams ..."   some of the parts: latency rate many containers events logs pull
#   SESSIONS=10000   of each kind of stream          streams (which is: exec sessions forward attach) restart oci bare
#   PODS=100         of the parts rate, containers and restart
#   PEER_SESSIONS=500, the same for containerd, whose sessions take longer
#   RUNTIMES="criruntime containerd"   one of the two only
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-out/bench}
[ "$(id -u)" = 0 ] || { echo "compare.sh needs root" >&2; exit 1; }

if [ "${CRI_BENCH_INSIDE:-}" != 1 ]; then
    ./scripts/deps.sh build run demo test bench
    [ -x out/criruntime ] && [ -x out/cri-conmon ] && [ -x out/cri-oci ] || ./build.sh
    dotnet build tests/bench -c Release -nologo -v q -clp:NoSummary -p:RunAnalyzers=false -p:RunAnalyzersDuringBuild=false -p:EnforceCodeStyleInBuild=false
    mkdir -p "$out"
    CRI_BENCH_INSIDE=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private "$0" "$(readlink -f "$out")"
fi

bench() { dotnet tests/bench/bin/Release/net10.0/cri-bench.dll "$@"; }
registry=127.0.0.1:5000
work=$(mktemp -d /var/tmp/cri-bench.XXXXXX) # on the disk: layers belong there, not on a tmpfs
pids=()
cleanup() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    sleep 1
    for parent in /sys/fs/cgroup /sys/fs/cgroup/*; do
        find "$parent/cri-bench" "$parent/cri-bench-monitors" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    done
    umount -l "$work"/*/root/io.containerd.snapshotter.v1.overlayfs/* 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT

mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock /var/lib/cni
mount -t tmpfs tmpfs /var/lib/cni
mount --make-rshared /
ip link set lo up

echo "== registry and images"
cat > "$work/registry.yml" <<YML
version: 0.1
storage: { filesystem: { rootdirectory: $work/registry } }
http: { addr: $registry }
log: { level: error }
YML
docker-registry serve "$work/registry.yml" > "$work/registry.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do curl -fs "http://$registry/v2/" > /dev/null && break; sleep 0.1; done
bench push --registry "$registry"

cni() { # cni DIR BRIDGE SUBNET
    mkdir -p "$1"
    cat > "$1/10-bench.conflist" <<JSON
{ "cniVersion": "1.0.0", "name": "$2", "plugins": [
  { "type": "bridge", "bridge": "$2", "isGateway": true, "ipMasq": false, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$3" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true }, "snat": true } ] }
JSON
}

wait_for() { # wait_for SOCKET LOG
    for _ in $(seq 200); do [ -S "$1" ] && return; sleep 0.05; done
    cat "$2" >&2
    exit 1
}

wanted() { [ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $1 "* ]]; }
only=()
for part in ${ONLY:-}; do [ "$part" = oci ] || [ "$part" = bare ] || only+=("$part"); done
[ -n "${ONLY:-}" ] || only=(all)
rounds=${ROUNDS:-40}
columns=()
rm -f "$out"/*.json

measure() { # measure RUNTIME SOCKET DAEMON_PID MONITOR SESSIONS: through its socket; a part that fails is missing from the table
    if [ ${#only[@]} -gt 0 ]; then
        echo "$3" > "$work/$1.pid"
        bench run --endpoint "$2" --registry "$registry" --out "$out/$1.json" --rounds "$rounds" --sessions "$5" --pods "${PODS:-100}" \
            --daemon-pid-file "$work/$1.pid" --monitor "$4" --only "${only[@]}" || echo "$1: not everything could be measured" >&2
        kill "$(cat "$work/$1.pid")" # another than at first after the part restart
    else
        kill "$3"
    fi
}

if [[ " ${RUNTIMES:-criruntime} " == *" criruntime "* ]]; then
    echo "== criruntime"
    columns+=("$out/criruntime.json")
    cni "$work/ours/net.d" crib0 10.77.0.0/16
    cat > "$work/ours/config.json" <<JSON
{ "root": "$work/ours/root", "run": "/run/ours", "cni": { "confDir": "$work/ours/net.d", "binDirs": ["/usr/lib/cni"] },
  "cgroup": { "defaultParent": "/cri-bench", "monitors": "/cri-bench-monitors" },
  "nri": { "enable": false },
  "registries": { "$registry": { "plainHttp": true } }, "log": { "level": "warning" } }
JSON
    out/criruntime --config "$work/ours/config.json" 2> "$out/criruntime.log" &
    pids+=($!)
    wait_for /run/ours/criruntime.sock "$out/criruntime.log"
    measure criruntime /run/ours/criruntime.sock "${pids[-1]}" cri-conmon "${SESSIONS:-10000}"
fi

if [[ " ${RUNTIMES:-containerd} " == *" containerd "* ]]; then
    echo "== containerd"
    columns+=("$out/containerd.json")
    cni "$work/peer/net.d" cribpeer0 10.78.0.0/16
    mkdir -p "$work/peer/certs.d/$registry"
    printf 'server = "http://%s"\n[host."http://%s"]\n' "$registry" "$registry" > "$work/peer/certs.d/$registry/hosts.toml"
    cat > "$work/peer/config.toml" <<TOML
version = 2
root = "$work/peer/root"
state = "/run/peer/state"
[grpc]
  address = "/run/peer/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$registry/bench/busybox:latest"
  restrict_oom_score_adj = true
  max_concurrent_downloads = 6
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$work/peer/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$work/peer/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
TOML
    containerd --config "$work/peer/config.toml" --log-level error > "$out/containerd.log" 2>&1 &
    pids+=($!)
    wait_for /run/peer/containerd.sock "$out/containerd.log"
    measure containerd /run/peer/containerd.sock "${pids[-1]}" containerd-shim "${PEER_SESSIONS:-500}"
fi

if wanted bare; then
    echo "== bare: CNI plugins, cat, socat"
    cni "$work/bare/net.d" cribbare0 10.79.0.0/16
    bench machine --cni-conf "$work/bare/net.d/10-bench.conflist" --rounds "$rounds" --out "$out/bare.json"
fi

if wanted oci; then
    echo "== OCI runtimes"
    mkdir -p "$work/bundle/rootfs/bin"
    cp /bin/busybox "$work/bundle/rootfs/bin/true"
    (cd "$work/bundle" && runc spec && sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"\/bin\/true"/' config.json)
    runtimes=("$PWD/out/cri-oci=$out/criruntime.json" "$(command -v runc)=$out/containerd.json")
    if ! command -v crun > /dev/null; then
        echo "crun is not installed (Debian package crun): not compared"
    elif ! why=$(crun run --bundle "$work/bundle" crun-probe 2>&1); then
        echo "crun does not run here, and is not compared: $why"
    else
        runtimes+=("$(command -v crun)=$out/crun.json")
        columns+=("$out/crun.json")
    fi
    bench oci --bundle "$work/bundle" "${runtimes[@]}"
fi

echo "== side by side"
results=()
for file in ${columns[@]+"${columns[@]}"}; do [ ! -e "$file" ] || results+=("$file"); done
if [ ${#results[@]} -gt 0 ]; then
    [ ! -e "$out/bare.json" ] || results+=(--bare "$out/bare.json")
    bench report "${results[@]}" --table "$out/table.md" --chart "$out/chart.svg"
fi
