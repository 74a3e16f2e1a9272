#!/usr/bin/env bash
# quickstart.sh: installs what it needs, builds, starts criruntime and runs a real pod through its CRI socket.
#   sudo ./quickstart.sh               leaves the daemon and the pod running
#   sudo ./quickstart.sh --once        tears everything down again (continuous integration)
#   sudo ./quickstart.sh --image REF   a pulled image instead of the one built on the spot
#   sudo ./quickstart.sh --stop        ends what an earlier run left serving
set -euo pipefail
cd "$(dirname "$0")"

once=0 stop=0 image=()
while [ $# -gt 0 ]; do
    case $1 in
        --once) once=1 ;;
        --stop) stop=1 ;;
        --image)
            [ $# -ge 2 ] || { echo "quickstart.sh: --image needs a reference" >&2; exit 2; }
            image=(--image "$2")
            shift ;;
        -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "quickstart.sh: unknown argument '$1' (--once, --image REF, --stop)" >&2; exit 2 ;;
    esac
    shift
done
[ "$(id -u)" = 0 ] || { echo "quickstart.sh needs root (namespaces, mounts, cgroups): sudo ./quickstart.sh" >&2; exit 1; }

run=/run/criruntime
root=/var/lib/criruntime
socket=$run/criruntime.sock
pidfile=$run/quickstart.pid
log=$run/quickstart.log
net_d=/etc/cni/net.d
cni_conf=$net_d/10-criruntime.conflist
marker='"name": "criruntime"'
made=.made-by-quickstart
daemon=
made_conf=0

serving() { # the daemon that an earlier run started, still alive
    [ -s "$pidfile" ] && [ "$(readlink "/proc/$(cat "$pidfile")/exe" 2>/dev/null)" = "$PWD/out/criruntime" ]
}

end_daemon() {
    [ -n "$daemon" ] || return 0
    kill -TERM "$daemon" 2>/dev/null || true
    for _ in $(seq 100); do
        [ -e "/proc/$daemon/exe" ] && readlink "/proc/$daemon/exe" >/dev/null 2>&1 || break
        sleep 0.05
    done
    daemon=
    rm -f "$pidfile"
}

leave_nothing() { # what this script made: the daemon, its state, the network configuration and the bridge
    end_daemon
    if [ -e "$cni_conf" ] && grep -q "$marker" "$cni_conf"; then
        rm -f "$cni_conf"
        ip link delete cri0 2>/dev/null || true
        rm -rf /var/lib/cni/networks/criruntime
        rmdir "$net_d" /etc/cni 2>/dev/null || true
    fi
    # The daemon's two cgroups, empty by now (rmdir takes no others); another daemon makes its own anew.
    find /sys/fs/cgroup -maxdepth 2 -type d \( -name criruntime -o -name criruntime-monitors \) -exec rmdir {} + 2>/dev/null || true
    # Only what a run of this script made: an image store that was there before stays.
    [ ! -e "$root/$made" ] || rm -rf --one-file-system "$root"
    [ ! -e "$run/$made" ] || rm -rf --one-file-system "$run"
}

if [ "$stop" = 1 ]; then
    serving || { echo "quickstart.sh: no daemon of an earlier run is serving"; exit 0; }
    daemon=$(cat "$pidfile")
    dotnet deploy/quickstart/bin/Release/net10.0/quickstart.dll "$socket" --remove
    leave_nothing
    echo "stopped; nothing is left"
    exit 0
fi

if [ -S "$socket" ] && ! serving && command -v ss >/dev/null && ss -lxH | grep -qF " $socket "; then
    echo "quickstart.sh: another criruntime already serves on $socket; stop it first, or use crictl with it" >&2
    exit 1
fi

echo "== what it needs"
./scripts/deps.sh build run demo
echo "== build"
./build.sh
dotnet build deploy/quickstart -c Release -nologo -v q -clp:NoSummary

echo "== network"
shopt -s nullglob
existing=("$net_d"/*.conflist "$net_d"/*.conf)
if [ ${#existing[@]} -eq 0 ]; then
    mkdir -p "$net_d"
    cp deploy/cni/10-criruntime.conflist "$cni_conf"
    made_conf=1
    echo "wrote $cni_conf (bridge cri0, 10.85.0.0/16)"
else
    echo "using ${existing[0]}"
fi

on_exit() {
    status=$?
    trap - EXIT INT TERM
    # An interrupted or failed run leaves nothing; so does --once. A daemon of an earlier run is left as it was.
    if [ "$status" -ne 0 ] || [ "$once" = 1 ]; then
        if [ -n "$daemon" ]; then
            leave_nothing
        elif [ "$made_conf" = 1 ]; then
            rm -f "$cni_conf"
        fi
    fi
    exit "$status"
}
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "== daemon"
if serving; then
    echo "criruntime is serving on $socket (pid $(cat "$pidfile"))"
    [ "$once" = 0 ] || daemon=$(cat "$pidfile")
else
    for directory in "$run" "$root"; do
        [ -e "$directory" ] || { mkdir -p -m 0700 "$directory" && touch "$directory/$made"; }
    done
    setsid out/criruntime --listen "$socket" --root "$root" --run "$run" < /dev/null > "$log" 2>&1 &
    daemon=$!
    echo "$daemon" > "$pidfile"
    for _ in $(seq 200); do
        [ -S "$socket" ] && break
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.02
    done
    [ -S "$socket" ] || { echo "criruntime did not start; its log:" >&2; cat "$log" >&2; exit 1; }
    echo "criruntime serves on $socket (pid $daemon, log $log)"
fi

echo "== a pod"
demo=("$socket")
[ "$once" = 0 ] || demo+=(--once)
dotnet deploy/quickstart/bin/Release/net10.0/quickstart.dll "${demo[@]}" ${image[@]+"${image[@]}"}
[ "$once" = 0 ] || exit 0

cat <<EOF
The daemon goes on serving. To look around with crictl (package cri-tools of your distribution or of the Kubernetes project):
    crictl --runtime-endpoint unix://$socket pods
    crictl --runtime-endpoint unix://$socket ps
To put a kubelet on it:
    kubelet --container-runtime-endpoint=unix://$socket ...
To end it all:
    sudo ./quickstart.sh --stop
EOF
