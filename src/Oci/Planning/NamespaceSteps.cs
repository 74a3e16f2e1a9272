using System.Text;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// Which namespaces are new, joined or the host's, and by which calls. The common case is one clone3 with everything new, then setns for
/// what is joined.
/// <code>
/// With a user namespace:  clone3(mount namespace) ──> the host's share: layers, volumes, directories ──> user namespace ──> the others, inside it
/// </code>
/// Its root may neither map the ids of a mount nor enter the directories of the host's root, so what comes from the host is fetched as
/// descriptors in a first mount namespace that belongs to the host. A joined user namespace comes before the others, because the new ones
/// must belong to it; a new one comes after those that are joined, because it has no rights over them. A new pid namespace then needs a second fork.
/// </summary>
internal sealed class NamespaceSteps
{
    /// <summary>The stage in which the parent maps the ids of a user namespace that was unshared.</summary>
    private const int MapStage = 1;

    private static readonly (string Type, int Flag)[] Flags =
    [
        (LinuxNamespaceType.Ipc, CLONE_NEWIPC),
        (LinuxNamespaceType.Uts, CLONE_NEWUTS),
        (LinuxNamespaceType.Network, CLONE_NEWNET),
        (LinuxNamespaceType.Mount, CLONE_NEWNS),
        (LinuxNamespaceType.Cgroup, CLONE_NEWCGROUP),
        (LinuxNamespaceType.Pid, CLONE_NEWPID),
        (LinuxNamespaceType.User, CLONE_NEWUSER),
        (LinuxNamespaceType.Time, CLONE_NEWTIME),
    ];

    private readonly PlanWriter plan;
    private readonly LinuxSection linux;
    private readonly Dictionary<int, string?> wanted = [];

    internal NamespaceSteps(PlanWriter plan, LinuxSection linux)
    {
        this.plan = plan;
        this.linux = linux;
        foreach (LinuxNamespace ns in linux.Namespaces)
            wanted[FlagOf(ns.Type)] = string.IsNullOrEmpty(ns.Path) ? null : ns.Path;
    }

    /// <summary>The container's root is not the host's.</summary>
    internal bool HasUserNamespace => wanted.ContainsKey(CLONE_NEWUSER);

    /// <summary>The file of the user namespace that the container joins; null where it has none or a new one.</summary>
    internal string? JoinedUserNamespace => wanted.GetValueOrDefault(CLONE_NEWUSER);

    internal bool IsNew(int flag) => wanted.TryGetValue(flag, out string? path) && path is null;

    internal bool IsJoined(int flag) => wanted.TryGetValue(flag, out string? path) && path is not null;

    /// <summary>The child's steps from AwaitParent to the last namespace, and what the parent does for them.</summary>
    /// <param name="rootPath">Where the root will be; with a user namespace the child stands there afterwards, for no path leads there any more.</param>
    internal void Add(string rootPath, Action beforeCgroupNamespace)
    {
        int atClone = CloneFlags();
        plan.CloneFlags = (ulong)(uint)atClone;
        beforeCgroupNamespace();
        if (IsJoined(CLONE_NEWPID))
            EnterPidNamespace(wanted[CLONE_NEWPID]!);
        plan.Child(new(StepKind.AwaitParent, "wait for the parent"));
        if (HasUserNamespace)
        {
            plan.DrawBorder();
            plan.Child(new(StepKind.ChangeDirectory, $"stand at {rootPath}") { Text = rootPath });
        }
        Join(CLONE_NEWUSER);
        if (IsJoined(CLONE_NEWUSER))
            BecomeRoot();
        foreach ((_, int flag) in Flags)
        {
            if (flag is not (CLONE_NEWUSER or CLONE_NEWPID))
                Join(flag);
        }

        UnshareRest(HasUserNamespace ? 0 : atClone);
    }

    /// <summary>All the namespaces of a list, as the flags of setns(2).</summary>
    internal static int FlagsOf(IReadOnlyList<LinuxNamespace> namespaces)
    {
        int flags = 0;
        foreach (LinuxNamespace ns in namespaces)
            flags |= FlagOf(ns.Type);
        return flags;
    }

    private static int FlagOf(string type)
    {
        foreach ((string name, int flag) in Flags)
        {
            if (name == type)
                return flag;
        }
        throw new SpecException("linux.namespaces", $"\"{type}\" is not a namespace type");
    }

    /// <summary>The flags of all that are to be new, but some.</summary>
    private int NewBut(int others)
    {
        int flags = 0;
        foreach ((_, int flag) in Flags)
            flags |= IsNew(flag) ? flag : 0;
        return flags & ~others;
    }

    /// <summary>A cgroup namespace is rooted where the process is when it is made, so that one waits until the cgroup is joined; time namespaces have no clone flag of their own.</summary>
    private int CloneFlags() => HasUserNamespace ? CLONE_NEWNS : NewBut(CLONE_NEWCGROUP | CLONE_NEWTIME);

    private void UnshareRest(int atClone)
    {
        if (IsNew(CLONE_NEWUSER))
        {
            plan.Child(new(StepKind.Unshare, "make the user namespace") { Number = CLONE_NEWUSER });
            plan.Child(new(StepKind.AskParent, "map the ids of the user namespace") { Number = MapStage });
            MapIds(PlanSection.Stage1);
            BecomeRoot();
        }
        int rest = NewBut(CLONE_NEWUSER | CLONE_NEWPID) & ~atClone;
        if (rest != 0)
            plan.Child(new(StepKind.Unshare, "make namespaces") { Number = rest });
        if (IsNew(CLONE_NEWTIME))
            OffsetClocks();
        if (IsNew(CLONE_NEWPID) && (atClone & CLONE_NEWPID) == 0)
        {
            plan.Flags |= PlanFlags.ForksAgain;
            plan.Child(new(StepKind.ForkAgain, "make the pid namespace") { Value = CLONE_NEWPID });
        }
    }

    private void Join(int flag)
    {
        if (!IsJoined(flag))
            return;
        int slot = Open(wanted[flag]!);
        plan.Child(new(StepKind.JoinNamespace, $"join {wanted[flag]}") { Base = slot, Number = flag });
    }

    internal int Open(string path)
    {
        int slot = plan.NewSlot();
        plan.Before(new(StepKind.OpenPath, $"open namespace {path}") { Slot = slot, Text = path, Number = O_RDONLY });
        return slot;
    }

    private void EnterPidNamespace(string path) => plan.PidNamespaceSlot = Open(path);

    private void MapIds(PlanSection section)
    {
        int proc = plan.NewSlot();
        plan.Add(section, new(StepKind.OpenChildProc, "map ids") { Slot = proc });
        plan.Add(section, new(StepKind.WriteFile, "map user ids") { Base = proc, Text = "uid_map", Blob = MapText(linux.UidMappings) });
        plan.Add(section, new(StepKind.WriteFile, "map group ids") { Base = proc, Text = "gid_map", Blob = MapText(linux.GidMappings) });
    }

    /// <summary>The lines of user_namespaces(7).</summary>
    internal static byte[] MapText(IReadOnlyList<IdMapping> mappings) => Encoding.ASCII.GetBytes(MapLines(mappings));

    /// <inheritdoc cref="MapText"/>
    internal static string MapLines(IReadOnlyList<IdMapping> mappings) => mappings.Count > 0
        ? string.Concat(mappings.Select(static m => $"{m.ContainerId} {m.HostId} {m.Size}\n"))
        : throw new SpecException("linux.uidMappings", "a user namespace needs uidMappings and gidMappings");

    private void BecomeRoot()
    {
        plan.Child(new(StepKind.SetGroupId, "become root of the user namespace"));
        plan.Child(new(StepKind.SetUserId, "become root of the user namespace"));
    }

    /// <summary>Offsets are fixed once a process is in the namespace (time_namespaces(7)), so they are written first.</summary>
    private void OffsetClocks()
    {
        string lines = "";
        foreach ((string clock, LinuxTimeOffset offset) in linux.TimeOffsets)
            lines += $"{clock} {offset.Secs} {offset.Nanosecs}\n";
        if (lines.Length > 0)
            plan.Child(new(StepKind.WriteFile, "set time offsets") { Text = "/proc/self/timens_offsets", Blob = Encoding.ASCII.GetBytes(lines) });
        int slot = plan.NewSlot();
        plan.Child(new(StepKind.OpenPath, "enter the time namespace") { Slot = slot, Text = "/proc/self/ns/time_for_children", Number = O_RDONLY });
        plan.Child(new(StepKind.JoinNamespace, "enter the time namespace") { Base = slot, Number = CLONE_NEWTIME });
    }
}
