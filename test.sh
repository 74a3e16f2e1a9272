#!/usr/bin/env bash
# test.sh: installs what it needs, builds everything, runs every test, and ends with 'N passed, N failed'.
#   ./test.sh                 all of it
#   ./test.sh unit|e2e|v2     one part (v2: in a VM with pure cgroup v2, emulated, a few minutes)
#   ./test.sh --no-build ...  with what is built already
# All but the unit tests need root. A part that cannot run is a failure, never a silent skip.
set -uo pipefail
cd "$(dirname "$0")"

build=1
parts=()
for argument in "$@"; do
    case $argument in
        --no-build) build=0 ;;
        unit | e2e | v2) parts+=("$argument") ;;
        *) echo "test.sh: unknown argument '$argument' (unit, e2e, v2, --no-build)" >&2; exit 2 ;;
    esac
done
[ ${#parts[@]} -gt 0 ] || parts=(unit e2e v2)

results=$PWD/out/test-results
rm -rf "$results"
mkdir -p "$results"
failed_steps=()

step() { # step NAME COMMAND...: a step that must succeed, counted as one failure if it does not
    local name=$1 started=$SECONDS
    shift
    echo "== $name"
    if "$@"; then
        echo "   $name: $((SECONDS - started)) s"
    else
        echo "   $name: FAILED (exit $?)"
        failed_steps+=("$name")
        return 1
    fi
}

finish() { # counts from the result files that the test runner wrote
    local passed=0 failed=0 file counters a b
    for file in "$results"/*.trx; do
        [ -e "$file" ] || continue
        counters=$(grep -o '<Counters [^>]*>' "$file" | head -n 1)
        passed=$((passed + $(sed -n 's/.* passed="\([0-9]*\)".*/\1/p' <<<"$counters")))
        failed=$((failed + $(sed -n 's/.* failed="\([0-9]*\)".*/\1/p' <<<"$counters") + $(sed -n 's/.* error="\([0-9]*\)".*/\1/p' <<<"$counters")))
    done
    for file in "$results"/*.count; do
        [ -e "$file" ] || continue
        read -r a b < "$file"
        passed=$((passed + a))
        failed=$((failed + b))
    done
    failed=$((failed + ${#failed_steps[@]}))
    [ ${#failed_steps[@]} -eq 0 ] || printf 'failed step: %s\n' "${failed_steps[@]}"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

run_tests() { # run_tests NAME EXECUTABLE [ARGS...]: one test assembly; no result file is a failure
    local name=$1 executable=$2
    shift 2
    local file=$results/$name.trx
    timeout --kill-after=30 "${TEST_TIMEOUT:-1800}" "$executable" -noLogo -noColor -failSkips -trx "$file" "$@" > "$results/$name.log" 2>&1
    local status=$?
    grep -E -A 8 '\[FAIL\]|\[SKIP\]' "$results/$name.log" | head -n 120
    tail -n 1 "$results/$name.log"
    if [ ! -s "$file" ]; then
        tail -n 40 "$results/$name.log"
        echo "   $name wrote no results (exit $status)"
        return 1
    fi
    # Failed tests are counted from the result file; any other bad exit is a failure of the step.
    [ "$status" -eq 0 ] || grep -q 'failed="[1-9]' "$file"
}

run_v2() { # the tests in the VM count themselves: their last line is "N passed, N failed"
    local log=$results/v2.log summary
    timeout --kill-after=30 1800 tests/v2/run.sh out > "$log" 2>&1
    grep -E '^(== |not ok)|tests, [0-9]+ failed' "$log"
    grep -E -A 12 '\[FAIL\]|\[SKIP\]' "$log" | head -n 120
    summary=$(tail -n 1 "$log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    if [ -z "$summary" ]; then
        tail -n 40 "$log"
        echo "   the VM brought no results"
        return 1
    fi
    echo "$summary" > "$results/v2.count"
    tail -n 1 "$log"
}

step "dependencies" ./scripts/deps.sh build run demo test || finish
if [ "$build" = 1 ]; then
    step "publish" ./build.sh || finish
    step "build" dotnet build CriRuntime.sln -nologo -v q -clp:NoSummary || finish
    # The build itself enforces style (EnforceCodeStyleInBuild); white space is what it does not see.
    [ -z "${CI:-}" ] || step "format" dotnet format whitespace CriRuntime.sln --verify-no-changes --no-restore || true
fi
export CRIRUNTIME=$PWD/out/criruntime CRI_CONMON=$PWD/out/cri-conmon CRI_OCI=$PWD/out/cri-oci

for part in "${parts[@]}"; do
    case $part in
        unit)
            for project in tests/unit/*/; do
                name=$(basename "$project")
                step "unit: $name" run_tests "unit-$name" "${project}bin/Debug/net10.0/CriRuntime.$name.Tests" || true
            done ;;
        e2e)
            if [ "$(id -u)" != 0 ]; then
                echo "The end-to-end tests need root: sudo ./test.sh"
                failed_steps+=("e2e: not root")
                continue
            fi
            step "e2e" tests/e2e/run.sh "$results/e2e.trx" || true
            [ -s "$results/e2e.trx" ] || failed_steps+=("e2e: no results") ;;
        v2)
            if [ "$(id -u)" != 0 ]; then
                echo "The tests in a VM need root: sudo ./test.sh"
                failed_steps+=("v2: not root")
                continue
            fi
            step "v2" run_v2 || true ;;
    esac
done
finish
