#!/bin/bash
# oci.sh PROGRAMS: what only a host with pure cgroup v2 can show of cri-oci: birth into a cgroup, limits, the device program, execs, and that nothing is left.
# Runs as root inside the VM of run-v2.sh. Prints "ok NAME" or "not ok NAME" with the reason, a line each, and ends with "N passed, N failed".
set -u
oci=$1/cri-oci
work=$(mktemp -d)
chmod 755 "$work" # a container's root in a user namespace goes through it
cgroup=/sys/fs/cgroup/cri-v2
passed=0
failed=0
out=
status=0

check() { # check NAME CONDITION...: the condition is a test command on $out and $status
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok $name"
    else
        failed=$((failed + 1))
        echo "not ok $name: exit $status, condition '$*'"
        sed 's/^/    /' <<<"$out"
    fi
}

has() { grep -qF -- "$1" <<<"$out"; }
is() { [ "$out" = "$1" ]; }
ended() { [ "$status" = "$1" ]; }
gone() { [ ! -e "$1" ]; }

bundle() { # bundle NAME JQ SCRIPT: a bundle of busybox with a change to the example configuration
    local dir=$work/$1
    mkdir -p "$dir/rootfs"/{bin,dev,proc,sys,tmp}
    cp /bin/busybox "$dir/rootfs/bin/busybox"
    chroot "$dir/rootfs" /bin/busybox --install -s /bin
    "$oci" spec -b "$dir"
    jq --arg script "$3" --arg path "/cri-v2/$1" '
        .process.args = ["/bin/sh", "-c", $script] | .root.readonly = false | .linux.cgroupsPath = $path
        | .process.capabilities |= map_values(. + ["CAP_MKNOD", "CAP_SYSLOG"])
        | '"$2" "$dir/config.json" > "$dir/new" && mv "$dir/new" "$dir/config.json"
}

run() { # run NAME JQ SCRIPT: runs it to its end
    bundle "$@"
    out=$("$oci" --root "$work/state" run -b "$work/$1" "$1" 2>&1)
    status=$?
}

cri() { out=$("$oci" --root "$work/state" "$@" 2>&1); status=$?; }

start() { # start NAME JQ SCRIPT: leaves it running
    bundle "$@"
    "$oci" --root "$work/state" run -d -b "$work/$1" "$1" < /dev/null > "$work/$1.out" 2>&1
    status=$?
    out=$(cat "$work/$1.out")
}

eventually() { # eventually COMMAND...: within 20 s, for this machine is slow
    for _ in $(seq 200); do "$@" && return; sleep 0.1; done
    return 1
}

# --- limits, seen from inside
run limits '.linux.resources += { memory: { limit: 67108864, swap: 67108864, reservation: 33554432 }, pids: { limit: 23 },
    cpu: { shares: 512, quota: 50000, period: 100000, cpus: "0" }, unified: { "memory.high": "60000000" } }' \
    'cd /sys/fs/cgroup; cat /proc/self/cgroup memory.max memory.swap.max memory.low memory.high pids.max cpu.max cpuset.cpus.effective; [ "$(cat cpu.weight)" -lt 100 ] && echo lighter'
check limits_are_those_of_the_specification is $'0::/\n67108864\n0\n33554432\n59998208\n23\n50000 100000\n0\nlighter'
check nothing_is_left_of_a_cgroup gone "$cgroup/limits"

run pids '.linux.resources.pids.limit = 5' 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait'
check more_processes_than_allowed_cannot_be_forked has 'fork'

run memory '.linux.resources.memory = { limit: 33554432, swap: 33554432 }' 'exec tail -c 200000000 /dev/zero'
check a_container_that_exceeds_its_memory_is_killed ended 137

run controllers . 'cat /sys/fs/cgroup/cgroup.controllers'
check controllers_are_handed_down_for_statistics has 'memory'

run bad '.linux.resources.memory.limit = 33554432 | .linux.resources.unified = { "no.such": "1" }' true
check a_file_that_the_kernel_does_not_have_is_refused_by_name has 'no.such'
check and_its_cgroup_is_removed_again gone "$cgroup/bad"

# --- devices: the attached program decides
probe='mknod /tmp/kmsg c 1 11 || exit 9; dd if=/tmp/kmsg of=/dev/null bs=8192 count=1 2>/dev/null && echo read; echo x 2>/dev/null >/tmp/kmsg && echo written; head -c 4 /dev/urandom | wc -c; echo x >/dev/null && echo null'
run denied . "$probe"
check devices_beyond_the_defaults_are_denied is $'4\nnull'
run readable '.linux.resources.devices += [{ allow: true, type: "c", major: 1, minor: 11, access: "r" }]' "$probe"
check an_allowed_access_is_no_more_than_that_access is $'read\n4\nnull'
run ordered '.linux.resources.devices += [{ allow: true, type: "c", access: "rwm" }, { allow: false, type: "c", major: 1, minor: 11, access: "w" }]' "$probe"
check of_two_rules_the_later_one_counts is $'read\n4\nnull'
run everything '.linux.resources.devices = [{ allow: true, access: "rwm" }]' "$probe"
check a_privileged_container_may_use_every_device is $'read\nwritten\n4\nnull'

# --- birth, exec and death
start long '.linux.resources.pids.limit = 50' 'mknod /tmp/kmsg c 1 11; touch /tmp/ready; sleep 1000 & sleep 1000'
check a_detached_container_starts ended 0
eventually test -e "$work/long/rootfs/tmp/ready"
pid=$("$oci" --root "$work/state" state long | jq .pid)
out=$(cat "$cgroup/long/cgroup.procs")
check the_first_process_is_in_its_cgroup has "$pid"
cri exec long /bin/sh -c 'cat /proc/self/cgroup; dd if=/tmp/kmsg of=/dev/null bs=8192 count=1 2>/dev/null || echo denied'
check a_further_process_is_born_in_the_cgroup_and_under_its_program is $'0::/\ndenied'
"$oci" --root "$work/state" exec -d --pid-file "$work/exec.pid" long /bin/sleep 1000 < /dev/null > /dev/null 2>&1
out=$(cat "$cgroup/long/cgroup.procs")
check and_is_listed_there has "$(cat "$work/exec.pid")"
cri ps -f json long
check ps_lists_them_all has "$(cat "$work/exec.pid")"
cri delete long
check a_running_container_is_not_deleted ended 1
cri delete --force long
check force_ends_and_deletes_it ended 0
check with_every_process gone "/proc/$(cat "$work/exec.pid")"
check and_its_cgroup gone "$cgroup/long"

start created . 'sleep 1000'
"$oci" --root "$work/state" kill created KILL
eventually sh -c '[ "$('"$oci"' --root '"$work"'/state state created | jq -r .status)" = stopped ]'
cri state created
check a_killed_container_is_stopped has '"stopped"'
cri delete created
check and_can_be_deleted ended 0

# --- a user namespace: the child is born in it and in the cgroup at once
run user '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings
    | .linux.resources.pids.limit = 31 | .root.readonly = true' 'id -u; cat /proc/self/uid_map /proc/self/cgroup /sys/fs/cgroup/pids.max | tr -s " "'
check a_container_in_a_user_namespace_has_its_limits is $'0\n 0 100000 65536\n0::/\n31'

rmdir "$cgroup"
check no_cgroup_is_left gone "$cgroup"
check no_state_is_left test -z "$(ls -A "$work/state")"
rm -rf --one-file-system "$work"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
