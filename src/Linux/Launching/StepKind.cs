namespace CriRuntime.Linux.Launching;

/// <summary>
/// What one step of a launch plan does. Each kind reads the operands of <see cref="Step"/> that its comment names:
/// <c>slot</c> and <c>base</c> are descriptor slots (base -1: the current directory or an absolute path),
/// <c>text</c>, <c>text2</c> NUL-terminated strings, <c>blob</c> bytes or a structure, <c>number</c>, <c>value</c>, <c>value2</c> integers.
/// The numbers are the wire format: append, never renumber.
/// </summary>
public enum StepKind : ushort
{
    // Files and directories at paths that the host trusts.

    /// <summary>slot = openat(base, text, flags number | O_CLOEXEC, mode value).</summary>
    OpenPath = 1,

    /// <summary>slot = openat2(base, text, flags number | O_CLOEXEC, resolve value).</summary>
    OpenInRoot = 2,

    /// <summary>mkdirat(base, text, mode number); an existing directory is fine unless value is 1.</summary>
    MakeDirectory = 3,

    /// <summary>unlinkat(base, text, AT_REMOVEDIR); one that is gone is fine.</summary>
    RemoveDirectory = 4,

    /// <summary>unlinkat(base, text); one that is gone is fine.</summary>
    RemoveFile = 5,

    /// <summary>Opens text below base with O_WRONLY | number and writes blob in one write(2).</summary>
    WriteFile = 6,

    /// <summary>Opens text below base for writing and writes the child's pid in decimal.</summary>
    WriteChildPid = 7,

    /// <summary>slot = /proc/&lt;the child's pid&gt;, an O_PATH directory.</summary>
    OpenChildProc = 8,

    /// <summary>slot = pidfd_open(number); value, if not 0, is the start time in clock ticks that process must have (proc(5) stat, field 22).</summary>
    OpenPidFd = 9,

    /// <summary>mknodat(base, text, S_IFIFO | mode number).</summary>
    MakeFifo = 10,

    /// <summary>umount2(text, flags number); a path that is no mount or is gone is fine.</summary>
    Unmount = 11,

    /// <summary>close(slot).</summary>
    CloseSlot = 12,

    /// <summary>Loads the device program blob (struct bpf_insn[]) and attaches it to the cgroup directory base.</summary>
    AttachDeviceProgram = 13,

    /// <summary>slot = a user namespace with the id maps text (uid) and text2 (gid), held by nobody but the descriptor.</summary>
    MakeUserNamespace = 14,

    /// <summary>fstatfs(base) must report the magic number value.</summary>
    VerifyFilesystem = 15,

    /// <summary>slot must be a character device with the device number value.</summary>
    VerifyDevice = 16,

    /// <summary>Where the file text reads as empty, writes what the file text2 reads as: how a v1 cpuset inherits its parent's.</summary>
    CopyIfEmpty = 17,

    // The child and its parent.

    /// <summary>Waits until the parent has done its share; the child exits when the parent is gone.</summary>
    AwaitParent = 20,

    /// <summary>Asks the parent to run its stage number (1..3) and waits for it.</summary>
    AskParent = 21,

    /// <summary>Clones once more with CLONE_PARENT | value; the new process goes on, the present one ends.</summary>
    ForkAgain = 22,

    /// <summary>Reports readiness, then waits to be released (by the gate fifo in the plan's gate slot, or by the parent).</summary>
    StopAtGate = 23,

    /// <summary>Reports readiness and exits with status 0.</summary>
    Finish = 24,

    /// <summary>Reports readiness, then reaps orphans until SIGTERM: the first process of a shared pid namespace.</summary>
    ReapOrphans = 25,

    /// <summary>Runs the program of blob (tables: path, arguments, environment) with text + pid + text2 on its standard input; number is the limit in ms, 0 none; value 1 changes to the root slot base first.</summary>
    RunHook = 26,

    /// <summary>Closes every other descriptor at exec but those below number, resets the signal mask, execve of the first candidate that exists; blob: tables of candidates, arguments, environment.</summary>
    Exec = 27,

    // Namespaces.

    /// <summary>setns(base, number).</summary>
    JoinNamespace = 30,

    /// <summary>unshare(number).</summary>
    Unshare = 31,

    /// <summary>setsid().</summary>
    NewSession = 32,

    /// <summary>sethostname(text).</summary>
    SetHostname = 33,

    /// <summary>setdomainname(text).</summary>
    SetDomainname = 34,

    /// <summary>Brings lo up in the present network namespace.</summary>
    LoopbackUp = 35,

    // Mounts.

    /// <summary>mount(NULL, text, NULL, value, NULL): changes the propagation of text.</summary>
    SetPropagation = 40,

    /// <summary>mount(text2, text, text2, value, blob): a new file system of type text2 by the old call.</summary>
    MountLegacy = 41,

    /// <summary>slot = open_tree(base, text, number | OPEN_TREE_CLOEXEC).</summary>
    OpenTree = 42,

    /// <summary>slot = fsopen(text).</summary>
    FsOpen = 43,

    /// <summary>fsconfig(slot, FSCONFIG_SET_STRING, text, text2).</summary>
    FsSetString = 44,

    /// <summary>fsconfig(slot, FSCONFIG_SET_FLAG, text).</summary>
    FsSetFlag = 45,

    /// <summary>Creates the superblock of the context base, slot = fsmount of it with the attributes value; closes base. text, if given, is the SELinux context of its root directory.</summary>
    FsMount = 46,

    /// <summary>mount_setattr(slot, blob as struct mount_attr, AT_RECURSIVE when number is 1); base: the user namespace of an idmapped mount.</summary>
    SetMountAttributes = 47,

    /// <summary>move_mount of slot onto base, or onto the host path text where base is -1.</summary>
    MoveMount = 48,

    /// <summary>slot = text below the root base (O_PATH), made if it is missing: number 0 a directory, 1 a file, 2 whichever slot value is.</summary>
    MakeTarget = 49,

    /// <summary>A device node text below the root base: mode and type number, device value, owner value2 (uid, gid in the high half).</summary>
    MakeNode = 50,

    /// <summary>A symbolic link text2 below the root base, with content text; an existing entry is fine.</summary>
    MakeSymlink = 51,

    /// <summary>Copies the content of the directory base into the detached mount slot.</summary>
    CopyUp = 52,

    /// <summary>Makes slot the root by pivot_root and detaches the old one.</summary>
    PivotRoot = 53,

    /// <summary>Hides text below the root base: a directory under an empty read-only tmpfs (with the SELinux context text2, if given), anything else under the null device slot. A missing path is fine.</summary>
    MaskPath = 54,

    /// <summary>Makes text below the root base read-only, recursively. A missing path is fine.</summary>
    ReadOnlyPath = 55,

    /// <summary>Writes blob to text below the verified procfs base.</summary>
    WriteProc = 56,

    // The process itself.

    /// <summary>prlimit(0, number, {soft value, hard value2}).</summary>
    SetRlimit = 60,

    /// <summary>Joins a new session keyring named text.</summary>
    JoinSessionKeyring = 61,

    /// <summary>personality(value).</summary>
    SetPersonality = 62,

    /// <summary>sched_setattr(0, blob).</summary>
    SetScheduler = 63,

    /// <summary>ioprio_set(IOPRIO_WHO_PROCESS, 0, number).</summary>
    SetIoPriority = 64,

    /// <summary>prctl(PR_SET_NO_NEW_PRIVS).</summary>
    SetNoNewPrivileges = 65,

    /// <summary>seccomp(SECCOMP_SET_MODE_FILTER, value, blob as struct sock_filter[]).</summary>
    LoadSeccomp = 66,

    /// <summary>Drops every capability up to number that is not in the mask value from the bounding set.</summary>
    LimitBoundingSet = 67,

    /// <summary>prctl(PR_SET_KEEPCAPS, number).</summary>
    KeepCapabilities = 68,

    /// <summary>setgroups(blob as gid_t[]).</summary>
    SetGroups = 69,

    /// <summary>setresgid(number).</summary>
    SetGroupId = 70,

    /// <summary>setresuid(number).</summary>
    SetUserId = 71,

    /// <summary>capset: effective value, permitted value2, inheritable blob (8 bytes).</summary>
    SetCapabilities = 72,

    /// <summary>Makes the ambient set what the mask value says, up to capability number.</summary>
    SetAmbientSet = 73,

    /// <summary>umask(number).</summary>
    SetUmask = 74,

    /// <summary>chdir(text), and the result must be reachable from the root.</summary>
    ChangeDirectory = 75,

    /// <summary>Gives pipes, sockets and files on descriptors 0..2 to the user number.</summary>
    OwnStdio = 76,

    /// <summary>slot = a new terminal's own end from the devpts below the root base, its master is sent to the parent; value: rows, columns in the high half; number: the owner.</summary>
    OpenTerminal = 77,

    /// <summary>Makes slot the controlling terminal and descriptors 0..2.</summary>
    UseTerminal = 78,

    /// <summary>prctl(PR_SET_NAME, text).</summary>
    SetProcessName = 79,

    /// <summary>prctl(PR_SET_DUMPABLE, number).</summary>
    SetDumpable = 80,

    /// <summary>Makes slot descriptors 0..2.</summary>
    UseAsStdio = 81,

    /// <summary>set_mempolicy(number, blob as a mask of nodes; without one NULL).</summary>
    SetMemoryPolicy = 82,
}
