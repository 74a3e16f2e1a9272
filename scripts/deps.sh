#!/usr/bin/env bash
# deps.sh build|run|demo|test|bench ...: makes sure that what a step needs is installed, by the distribution's package names.
# Debian and its derivatives: installs what is missing (as root). Elsewhere: says what is missing, by command and package, and exits 1.
set -euo pipefail

# command or file -> Debian package
declare -A BUILD=([gcc]=gcc [file:/usr/include/stdlib.h]=libc6-dev)
declare -A RUN=(
    [iptables]=iptables [nft]=nftables [ip]=iproute2
    [file:/usr/lib/cni/bridge]=containernetworking-plugins
    [lib:libseccomp.so.2]=libseccomp2 [lib:libzstd.so.1]=libzstd1 [lib:libssl.so.3]=libssl3)
declare -A DEMO=([file:/bin/busybox]=busybox-static [curl]=curl)
declare -A TEST=(
    [file:/bin/busybox]=busybox-static [docker-registry]=docker-registry [unshare]=util-linux [zstd]=zstd
    [setfattr]=attr [file:/usr/lib/python3/dist-packages/yaml]=python3-yaml [runc]=runc [crun]=crun [python3]=python3 [curl]=curl)

libraries=$(ldconfig -p)
declare -A BENCH=([containerd]=containerd [runc]=runc [docker-registry]=docker-registry [file:/usr/bin/time]=time [socat]=socat)

have() {
    case $1 in
        file:*) [ -e "${1#file:}" ] ;;
        lib:*) grep -q "${1#lib:} " <<<"$libraries" ;;
        *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing=()
names=()
for set in "$@"; do
    case $set in
        build) declare -n wanted=BUILD ;;
        run) declare -n wanted=RUN ;;
        demo) declare -n wanted=DEMO ;;
        test) declare -n wanted=TEST ;;
        bench) declare -n wanted=BENCH ;;
        *) echo "deps.sh: unknown set '$set' (build, run, demo, test, bench)" >&2; exit 2 ;;
    esac
    for need in "${!wanted[@]}"; do
        have "$need" && continue
        missing+=("${wanted[$need]}")
        names+=("${need#*:} (Debian package ${wanted[$need]})")
    done
    unset -n wanted
done

if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "This distribution has no apt-get. Please install by hand, then run this again:" >&2
        printf '  %s\n' "${names[@]}" >&2
        exit 1
    fi
    if [ "$(id -u)" != 0 ]; then
        echo "Missing: ${missing[*]}. Run as root, or: sudo apt-get install ${missing[*]}" >&2
        exit 1
    fi
    echo "deps: installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # No service of a package is started: the tests start what they need, in namespaces of their own.
    policy=/usr/sbin/policy-rc.d
    made_policy=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
        made_policy=1
    fi
    { apt-get -q update && apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || {
        status=$?
        [ -z "$made_policy" ] || rm -f "$policy"
        tail -n 30 "$log" >&2
        echo "deps: apt-get could not install ${missing[*]} (exit $status); its last lines are above" >&2
        exit 1
    }
    [ -z "$made_policy" ] || rm -f "$policy"
fi

case " $* " in
    *" build "*)
        if ! command -v dotnet >/dev/null 2>&1 || ! grep -q "^10\." <<<"$(dotnet --list-sdks)"; then
            echo "The .NET 10 SDK is needed: package dotnet-sdk-10.0 of the .NET package feed for your distribution." >&2
            exit 1
        fi ;;
esac
