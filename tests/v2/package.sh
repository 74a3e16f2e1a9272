# package.sh: the Debian package as a service of systemd; read by systemd.sh. Counts one for each thing that has to be so.
check() { # check NAME COMMAND...: tried for a while, for systemd takes its time here
    local name=$1
    shift
    for _ in $(seq 100); do
        if "$@" > /dev/null 2>&1; then
            passed=$((passed + 1))
            echo "ok $name"
            return
        fi
        sleep 0.3
    done
    failed=$((failed + 1))
    echo "not ok $name"
    systemctl status --no-pager --lines 20 criruntime.service 2>&1 | sed 's/^/    /'
}

serves() { [ "$(systemctl show -P StatusText criruntime.service)" = "Serving the CRI" ] && [ -S /run/criruntime/criruntime.sock ]; }
main_pid() { systemctl show -P MainPID criruntime.service; }
is_another_than() { [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ] && serves; }

package() { # package DEB: installed, it serves; killed, it comes back; purged, it is gone
    local before
    dpkg --install "$1" > /tmp/dpkg.log 2>&1 || sed 's/^/    /' /tmp/dpkg.log
    check "the package is installed" dpkg --verify criruntime
    check "the unit serves once it says so" serves
    check "the unit is enabled" systemctl is-enabled criruntime.service
    check "it chose the systemd driver" sh -c 'journalctl -u criruntime.service --no-pager | grep -q "cgroup driver is Systemd"'
    before=$(main_pid)
    kill -9 "$before"
    check "a killed daemon is started again" is_another_than "$before"
    dpkg --purge criruntime > /tmp/dpkg.log 2>&1 || sed 's/^/    /' /tmp/dpkg.log
    check "purged, nothing is left" sh -c '! [ -e /etc/criruntime ] && ! [ -e /var/lib/criruntime ] && ! [ -e /run/criruntime ] && ! systemctl is-active criruntime.service'
}
