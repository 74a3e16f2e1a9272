# selinux-policy.sh: runs in the machine's root when that is made. Adds to Debian's policy, which names container_t without defining it, as much of what
# container-selinux defines elsewhere as the tests need. Here, because compiling the policy takes a minute in the emulated machine.
set -e
cat > /root/container.cil <<'E'
(type container_t)
(type container_file_t)
(type spc_t)
; The older name, which critest asks for.
(typealias svirt_lxc_net_t)
(typealiasactual svirt_lxc_net_t container_t)
(roletype system_r container_t)
(roletype system_r spc_t)
(roletype object_r container_file_t)
(typeattributeset domain (container_t spc_t))
(typeattributeset file_type (container_file_t))
(typeattributeset non_security_file_type (container_file_t))

; What is of other categories is closed to it.
(typeattributeset mcs_constrained_type (container_t))

; The runtime, which no unit started, runs as kernel_t. What it starts without a label becomes spc_t.
(typetransition kernel_t container_file_t process spc_t)
(allow kernel_t container_t (process (all)))
(allow kernel_t container_t (process2 (all)))
(allow kernel_t spc_t (process (all)))
(allow kernel_t spc_t (process2 (all)))
(allow kernel_t container_file_t (file (entrypoint)))

(allow container_t self (process (not (setcurrent dyntransition setexec))))
(allow container_t self (capability (all)))
(allow container_t self (cap_userns (all)))
(allow container_t self (dir (all)))
(allow container_t self (file (all)))
(allow container_t self (lnk_file (all)))
(allow container_t self (fifo_file (all)))
(allow container_t self (unix_stream_socket (all)))
(allow container_t container_file_t (filesystem (all)))
(allow container_t container_file_t (dir (all)))
(allow container_t container_file_t (file (all)))
(allow container_t container_file_t (lnk_file (all)))
(allow container_t container_file_t (chr_file (all)))
(allow container_t container_file_t (fifo_file (all)))
(allow container_t container_file_t (sock_file (all)))
; Standard streams, and the end that its monitor waits for.
(allow container_t kernel_t (fd (use)))
(allow container_t kernel_t (fifo_file (getattr ioctl read write append)))
(allow container_t kernel_t (process (sigchld)))
; The first process of a shared pid namespace is the runtime's.
(allow container_t kernel_t (dir (getattr open read search)))
(allow container_t kernel_t (file (getattr open read)))
(allow container_t event_device_t (chr_file (getattr ioctl read write)))
E
for type in proc_t sysfs_t cgroup_t sysctl_t sysctl_kernel_t; do
    echo "(allow container_t $type (dir (getattr search open read))) (allow container_t $type (file (getattr open read))) (allow container_t $type (lnk_file (getattr read)))"
done >> /root/container.cil
for attribute in unconfined_domain_type kern_unconfined devices_unconfined_type files_unconfined_type filesystem_unconfined_type corenet_unconfined_type; do
    echo "(typeattributeset $attribute (spc_t))"
done >> /root/container.cil
echo "(allow spc_t container_file_t (file (entrypoint execmod))) (allow spc_t self (process (all))) (allow spc_t kernel_t (process (sigchld)))" >> /root/container.cil
semodule -n -s default -i /root/container.cil
