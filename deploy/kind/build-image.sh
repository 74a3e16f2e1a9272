#!/usr/bin/env bash
# build-image.sh [TAG]: a node image for kind with criruntime (default tag: criruntime/node:latest). Needs docker; NODE_IMAGE chooses the kindest/node to start from.
# The package is made of the programs in out/ (./build.sh); they are linked against Debian 12's libraries, as kindest/node is.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v docker > /dev/null || { echo "build-image.sh: docker is needed (kind runs its nodes by it)" >&2; exit 1; }
[ -x out/criruntime ] || ./build.sh
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp deploy/kind/* deploy/config/crictl.yaml "$context"
deploy/debian/build-package.sh out "$context" > /dev/null
docker build ${NODE_IMAGE:+--build-arg "NODE_IMAGE=$NODE_IMAGE"} --tag "${1:-criruntime/node:latest}" "$context"
echo "kind create cluster --image ${1:-criruntime/node:latest} --config deploy/kind/cluster.yaml"
