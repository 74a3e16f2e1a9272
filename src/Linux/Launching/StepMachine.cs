namespace CriRuntime.Linux.Launching;

/// <summary>
/// The interpreter of plans, for parent and child alike. Nothing here or below it allocates, throws, or touches a static that needs
/// initialisation: in the child, other threads and their locks are gone. Every step returns 0 or more, or -errno.
/// </summary>
internal static unsafe partial class StepMachine
{
    internal static Step* Steps(MachineState* m, PlanSection section, out int count)
    {
        SectionRange range = m->Header->Sections[(int)section];
        count = (int)range.Count;
        return (Step*)(m->Block + range.Offset);
    }

    /// <summary>True when a step's own flag says that this failure is nothing to speak of.</summary>
    internal static bool IsQuiet(Step* step, long result) =>
        (step->Flags & StepFlags.Ignored) != 0
        || (step->Flags & StepFlags.Optional) != 0
        && result is -Kernel.Enoent or -Kernel.Enotdir or -Kernel.Eopnotsupp or -Kernel.Einval or -Kernel.Enosys or -Kernel.Enodev;

    internal static long Execute(MachineState* m, Step* step) => step->Kind switch
    {
        < StepKind.AwaitParent => ExecuteFile(m, step),
        < StepKind.JoinNamespace => ExecuteFlow(m, step),
        < StepKind.SetPropagation => ExecuteNamespace(m, step),
        < StepKind.SetRlimit => ExecuteMount(m, step),
        _ => ExecuteProcess(m, step),
    };

    private static long ExecuteFile(MachineState* m, Step* s) => s->Kind switch
    {
        StepKind.OpenPath => m->Keep(s->Slot, Kernel.Open(m->SlotOrCurrent(s->Base), m->Text(s->Text), s->Number, (int)s->Value)),
        StepKind.OpenInRoot => m->Keep(s->Slot, Kernel.OpenResolved(m->Slots[s->Base], m->Text(s->Text), s->Number, s->Value)),
        StepKind.MakeDirectory => MakeDirectory(m, s),
        StepKind.RemoveDirectory => Remove(m, s, Kernel.AT_REMOVEDIR),
        StepKind.RemoveFile => Remove(m, s, 0),
        StepKind.WriteFile => WriteFile(m->SlotOrCurrent(s->Base), m->Text(s->Text), s->Number, m->Block + s->Blob, (int)s->BlobLength),
        StepKind.WriteChildPid => WriteChildPid(m, s),
        StepKind.OpenChildProc => OpenChildProc(m, s),
        StepKind.OpenPidFd => OpenPidFd(m, s),
        StepKind.MakeFifo => Kernel.Call(SyscallNumber.MknodAt, m->SlotOrCurrent(s->Base), (nint)m->Text(s->Text), Kernel.S_IFIFO | s->Number),
        StepKind.Unmount => Unmount(m, s),
        StepKind.CloseSlot => CloseSlot(m, s),
        StepKind.AttachDeviceProgram => AttachDeviceProgram(m, s),
        StepKind.MakeUserNamespace => MakeUserNamespace(m, s),
        StepKind.VerifyFilesystem => VerifyFilesystem(m->Slots[s->Base], s->Value),
        StepKind.VerifyDevice => VerifyDevice(m->Slots[s->Slot], s->Value),
        StepKind.CopyIfEmpty => CopyIfEmpty(m->Text(s->Text), m->Text(s->Text2)),
        _ => -Kernel.Enosys,
    };

    private static long ExecuteFlow(MachineState* m, Step* s) => s->Kind switch
    {
        StepKind.AwaitParent => AwaitParent(m),
        StepKind.AskParent => AskParent(m, s),
        StepKind.ForkAgain => ForkAgain(m, s),
        StepKind.StopAtGate => StopAtGate(m),
        StepKind.Finish => Finish(m),
        StepKind.ReapOrphans => ReapOrphans(m),
        StepKind.RunHook => RunHook(m, s),
        StepKind.Exec => Exec(m, s),
        _ => -Kernel.Enosys,
    };

    private static long ExecuteNamespace(MachineState* m, Step* s) => s->Kind switch
    {
        StepKind.JoinNamespace => Kernel.Call(SyscallNumber.SetNs, m->Slots[s->Base], s->Number),
        StepKind.Unshare => Kernel.Call(SyscallNumber.Unshare, s->Number),
        StepKind.NewSession => Kernel.Call(SyscallNumber.SetSid),
        StepKind.SetHostname => Kernel.Call(SyscallNumber.SetHostName, (nint)m->Text(s->Text), Kernel.Length(m->Text(s->Text))),
        StepKind.SetDomainname => Kernel.Call(SyscallNumber.SetDomainName, (nint)m->Text(s->Text), Kernel.Length(m->Text(s->Text))),
        StepKind.LoopbackUp => LoopbackUp(),
        _ => -Kernel.Enosys,
    };

    private static long ExecuteMount(MachineState* m, Step* s) => s->Kind switch
    {
        StepKind.SetPropagation => SetPropagation(m, s),
        StepKind.MountLegacy => Kernel.Call(SyscallNumber.Mount, (nint)m->Text(s->Text2), (nint)m->Text(s->Text), (nint)m->Text(s->Text2), (nint)s->Value, s->Blob == 0 ? 0 : (nint)(m->Block + s->Blob)),
        StepKind.OpenTree => m->Keep(s->Slot, Kernel.Call(SyscallNumber.OpenTree, m->SlotOrCurrent(s->Base), (nint)m->Text(s->Text), s->Number | Kernel.OPEN_TREE_CLOEXEC)),
        StepKind.FsOpen => m->Keep(s->Slot, Kernel.Call(SyscallNumber.FsOpen, (nint)m->Text(s->Text), 1)),
        StepKind.FsSetString => Kernel.Call(SyscallNumber.FsConfig, m->Slots[s->Slot], Kernel.FSCONFIG_SET_STRING, (nint)m->Text(s->Text), (nint)m->Text(s->Text2)),
        StepKind.FsSetFlag => Kernel.Call(SyscallNumber.FsConfig, m->Slots[s->Slot], Kernel.FSCONFIG_SET_FLAG, (nint)m->Text(s->Text)),
        StepKind.FsMount => FsMount(m, s),
        StepKind.SetMountAttributes => SetMountAttributes(m, s),
        StepKind.MoveMount => MoveMount(m, s),
        StepKind.MakeTarget => MakeTarget(m, s),
        StepKind.MakeNode => MakeNode(m, s),
        StepKind.MakeSymlink => MakeSymlink(m, s),
        StepKind.CopyUp => CopyUp(m, s),
        StepKind.PivotRoot => PivotRoot(m, s),
        StepKind.MaskPath => MaskPath(m, s),
        StepKind.ReadOnlyPath => ReadOnlyPath(m, s),
        StepKind.WriteProc => WriteProc(m, s),
        _ => -Kernel.Enosys,
    };

    private static long ExecuteProcess(MachineState* m, Step* s) => s->Kind switch
    {
        StepKind.SetRlimit => SetRlimit(s),
        StepKind.JoinSessionKeyring => Kernel.Call(SyscallNumber.KeyCtl, 1, (nint)m->Text(s->Text)), // KEYCTL_JOIN_SESSION_KEYRING
        StepKind.SetPersonality => Kernel.Call(SyscallNumber.Personality, (nint)s->Value),
        StepKind.SetScheduler => Kernel.Call(SyscallNumber.SchedSetAttr, 0, (nint)(m->Block + s->Blob)),
        StepKind.SetIoPriority => Kernel.Call(SyscallNumber.IoPrioSet, 1, 0, s->Number), // IOPRIO_WHO_PROCESS
        StepKind.SetMemoryPolicy => SetMemoryPolicy(m, s),
        StepKind.SetNoNewPrivileges => Kernel.Prctl(Kernel.PR_SET_NO_NEW_PRIVS, 1),
        StepKind.LoadSeccomp => LoadSeccomp(m, s),
        StepKind.LimitBoundingSet => LimitBoundingSet(s),
        StepKind.KeepCapabilities => Kernel.Prctl(Kernel.PR_SET_KEEPCAPS, s->Number),
        StepKind.SetGroups => Kernel.Call(SyscallNumber.SetGroups, (nint)(s->BlobLength / 4), (nint)(m->Block + s->Blob)),
        StepKind.SetGroupId => Kernel.Call(SyscallNumber.SetResGid, s->Number, s->Number, s->Number),
        StepKind.SetUserId => Kernel.Call(SyscallNumber.SetResUid, s->Number, s->Number, s->Number),
        StepKind.SetCapabilities => SetCapabilities(m, s),
        StepKind.SetAmbientSet => SetAmbientSet(s),
        StepKind.SetUmask => Kernel.Call(SyscallNumber.Umask, s->Number),
        StepKind.ChangeDirectory => ChangeDirectory(m, s),
        StepKind.OwnStdio => OwnStdio(s),
        StepKind.OpenTerminal => OpenTerminal(m, s),
        StepKind.UseTerminal => UseTerminal(m, s),
        StepKind.UseAsStdio => UseAsStdio(m, s),
        StepKind.SetProcessName => Kernel.Prctl(Kernel.PR_SET_NAME, (nint)m->Text(s->Text)),
        StepKind.SetDumpable => Kernel.Prctl(Kernel.PR_SET_DUMPABLE, s->Number),
        _ => -Kernel.Enosys,
    };
}
