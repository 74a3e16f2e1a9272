# assemblies.sh: test assemblies of the checkout, which run on .NET of the host; read by the scripts that run in the VM.
# Only what does something else here: the emulated machine takes a second for what takes ten milliseconds elsewhere.
passed=0
failed=0

tests() { # tests NAME DLL OPTION...: runs one, counts, and shows its output if something failed
    local name=$1 log total errors bad omitted run started=$SECONDS
    log=$(dotnet "$2" -noLogo -noColor -failSkips "${@:3}" 2>&1)
    # The total has the tests in it that were not run: those of the other kind, explicit or not.
    read -r total errors bad omitted < <(sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\),.* Not Run: \([0-9]*\).*/\1 \2 \3 \4/p' <<<"$log")
    run=$((${total:-0} - ${omitted:-0}))
    if [ "$run" -gt 0 ]; then
        passed=$((passed + run - bad))
        failed=$((failed + errors + bad))
        echo "   $name: $run tests, $((errors + bad)) failed ($((SECONDS - started)) s)"
    else
        failed=$((failed + 1))
        echo "not ok $name: no test ran"
    fi
    [ "$((${errors:-1} + ${bad:-1}))" = 0 ] || sed 's/^/    /' <<<"$log"
}

e2e() { # e2e DRIVER DIRECTORY EXPLICIT CLASS...: end-to-end tests with a cgroup driver. EXPLICIT (on, off, only): also, or only, those that no other host can pass
    local driver=$1 runner=$2/CriRuntime.E2e.dll explicit=$3 filter=() class
    shift 3
    for class in "$@"; do filter+=(-class "CriRuntime.E2e.$class"); done
    # The machine is thrown away, so unlike tests/e2e/run.sh this makes no namespaces: systemd would not know processes of another pid namespace.
    mkdir -p /run/netns /var/lib/cni
    export E2E_CGROUP_DRIVER=$driver E2E_TIME_FACTOR=10 E2E_CGROUP=/criruntime-e2e
    [ "$driver" = cgroupfs ] || E2E_CGROUP=/criruntimee2e.slice
    tests "e2e, $driver" "$runner" -explicit "$explicit" "${filter[@]}"
}

summary() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
