#!/usr/bin/env bash
# build.sh: publishes criruntime, cri-conmon and cri-oci as native executables into out/.
#   ./build.sh [NAME ...]            only these programs
#   AOT_FRAMEWORK=net10.0 ./build.sh where the net10.0 NativeAOT pack can be restored (default: net9.0)
set -euo pipefail
cd "$(dirname "$0")"
./scripts/deps.sh build

declare -A programs=([criruntime]=src/CriServer [cri-conmon]=src/Conmon [cri-oci]=src/OciCli)
framework=${AOT_FRAMEWORK:-net9.0}
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=(cri-oci cri-conmon criruntime)

mkdir -p out
for name in "${wanted[@]}"; do
    project=${programs[$name]:-}
    [ -n "$project" ] || { echo "build.sh: no program '$name' (${!programs[*]})" >&2; exit 2; }
    started=$SECONDS
    rm -rf "out/.publish-$name"
    dotnet publish "$project" -c Release -f "$framework" "-p:AotTargetFramework=$framework" \
        -o "out/.publish-$name" -nologo -v q -clp:NoSummary
    # Replaced by rename: a program that runs right now is not disturbed.
    cp "out/.publish-$name/$name" "out/.$name.new"
    mv -f "out/.$name.new" "out/$name"
    [ ! -e "out/.publish-$name/$name.dbg" ] || mv -f "out/.publish-$name/$name.dbg" "out/$name.dbg"
    rm -rf "out/.publish-$name"
    printf 'built out/%s (%s, %d s)\n' "$name" "$(du -h "out/$name" | cut -f1)" $((SECONDS - started))
done
