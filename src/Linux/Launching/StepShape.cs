namespace CriRuntime.Linux.Launching;

/// <summary>Which operands a kind of step needs.</summary>
/// <param name="Slot">The slot must be given.</param>
/// <param name="Base">The base must be given.</param>
/// <param name="Text">The first string must be given.</param>
/// <param name="Text2">The second string must be given.</param>
/// <param name="BlobSize">The blob's exact size, or 0 for any.</param>
/// <param name="BlobUnit">The blob is an array of elements of this size, not empty; 0 for no demand.</param>
/// <param name="Tables">The blob is the three tables of a program: candidates, arguments, environment.</param>
public readonly record struct StepShape(
    bool Slot = false,
    bool Base = false,
    bool Text = false,
    bool Text2 = false,
    int BlobSize = 0,
    int BlobUnit = 0,
    bool Tables = false)
{
    /// <summary>The shape of <paramref name="kind"/>; null for a number that is no kind.</summary>
    public static StepShape? Of(StepKind kind) => kind switch
    {
        StepKind.OpenPath or StepKind.FsOpen => new(Slot: true, Text: true),
        StepKind.OpenTree => new(Slot: true, Text: true),
        StepKind.OpenInRoot or StepKind.MakeTarget => new(Slot: true, Base: true, Text: true),
        StepKind.MakeDirectory or StepKind.RemoveDirectory or StepKind.RemoveFile or StepKind.WriteChildPid
            or StepKind.MakeFifo or StepKind.Unmount or StepKind.SetHostname or StepKind.SetDomainname
            or StepKind.SetPropagation or StepKind.JoinSessionKeyring or StepKind.ChangeDirectory
            or StepKind.SetProcessName => new(Text: true),
        StepKind.WriteFile => new(Text: true, BlobUnit: 1),
        StepKind.OpenChildProc or StepKind.OpenPidFd or StepKind.CloseSlot or StepKind.VerifyDevice
            or StepKind.PivotRoot or StepKind.UseTerminal or StepKind.UseAsStdio or StepKind.MoveMount => new(Slot: true),
        StepKind.AttachDeviceProgram => new(Base: true, BlobUnit: 8),
        StepKind.MakeUserNamespace => new(Slot: true, Text: true, Text2: true),
        StepKind.VerifyFilesystem or StepKind.JoinNamespace => new(Base: true),
        StepKind.RunHook => new(Text: true, Text2: true, Tables: true),
        StepKind.Exec => new(Tables: true),
        StepKind.MountLegacy or StepKind.CopyIfEmpty => new(Text: true, Text2: true),
        StepKind.FsSetString => new(Slot: true, Text: true, Text2: true),
        StepKind.FsSetFlag => new(Slot: true, Text: true),
        StepKind.FsMount or StepKind.CopyUp or StepKind.OpenTerminal => new(Slot: true, Base: true),
        StepKind.SetMountAttributes => new(Slot: true, BlobSize: 32),
        StepKind.MakeNode or StepKind.ReadOnlyPath => new(Base: true, Text: true),
        StepKind.MakeSymlink => new(Base: true, Text: true, Text2: true),
        StepKind.MaskPath => new(Slot: true, Base: true, Text: true),
        StepKind.WriteProc => new(Base: true, Text: true, BlobUnit: 1),
        StepKind.SetScheduler => new(BlobSize: 48),
        StepKind.LoadSeccomp => new(BlobUnit: 8),
        StepKind.SetCapabilities => new(BlobSize: 8),
        StepKind.AwaitParent or StepKind.AskParent or StepKind.ForkAgain or StepKind.StopAtGate or StepKind.Finish
            or StepKind.ReapOrphans or StepKind.Unshare or StepKind.NewSession or StepKind.LoopbackUp
            or StepKind.SetRlimit or StepKind.SetPersonality or StepKind.SetIoPriority or StepKind.SetNoNewPrivileges
            or StepKind.LimitBoundingSet or StepKind.KeepCapabilities or StepKind.SetGroups or StepKind.SetGroupId
            or StepKind.SetUserId or StepKind.SetAmbientSet or StepKind.SetUmask or StepKind.OwnStdio
            or StepKind.SetDumpable or StepKind.SetMemoryPolicy => default(StepShape),
        _ => null,
    };
}
