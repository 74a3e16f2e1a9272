using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>
/// Freezes and thaws all processes of a placement (v2 cgroup.freeze, v1 freezer.state). Freezing takes the kernel a moment: ask
/// <see cref="IsFrozen"/> until it is so.
/// </summary>
public sealed class CgroupFreezer
{
    private readonly bool isV2;
    private readonly string control;
    private readonly string state;

    /// <exception cref="CgroupException">The host has neither a v1 freezer nor cgroup v2.</exception>
    public CgroupFreezer(CgroupPlacement placement)
    {
        CgroupDirectory? directory = placement.Find("freezer") ?? placement.Unified;
        if (directory is null)
            throw new CgroupException("processes cannot be frozen: this host has neither a freezer cgroup nor cgroup v2");
        isV2 = directory.Version == CgroupVersion.V2;
        control = directory.Path + (isV2 ? "/cgroup.freeze" : "/freezer.state");
        state = directory.Path + (isV2 ? "/cgroup.events" : "/freezer.state");
    }

    private CgroupFreezer(bool isV2, string control, string state)
    {
        this.isV2 = isV2;
        this.control = control;
        this.state = state;
    }

    /// <summary>For one who has the paths of a container's directories only: their files tell. Null: none of them can freeze.</summary>
    public static CgroupFreezer? Of(IReadOnlyList<string> directories)
    {
        CgroupFreezer? found = null;
        Span<byte> any = stackalloc byte[1];
        foreach (string directory in directories)
        {
            if (CgroupFile.TryRead(directory + "/freezer.state", any) >= 0)
                return V1(directory);
            if (CgroupFile.TryRead(directory + "/cgroup.freeze", any) >= 0)
                found = new CgroupFreezer(isV2: true, directory + "/cgroup.freeze", directory + "/cgroup.events");
        }
        return found;
    }

    /// <summary>For a directory of the v1 freezer's hierarchy.</summary>
    internal static CgroupFreezer V1(string directory) => new(isV2: false, directory + "/freezer.state", directory + "/freezer.state");

    /// <summary>Starts to freeze; repeat it on v1 while <see cref="IsFrozen"/> is false, for processes that were forking escape the first time.</summary>
    public void Freeze() => CgroupFile.Write(control, isV2 ? "1" : "FROZEN");

    /// <summary>Lets the processes run again; one whose cgroup is gone is fine.</summary>
    public void Thaw()
    {
        Errno errno = CgroupFile.TryWrite(control, isV2 ? "0"u8 : "THAWED"u8);
        if (errno is not (Errno.None or Errno.ENOENT or Errno.ENODEV))
            throw new LinuxException("write to", control, errno);
    }

    /// <summary>True once freezing was asked for, here or (once it is done) above: a process that joins now would stop at once.</summary>
    public bool IsFreezing()
    {
        Span<byte> buffer = stackalloc byte[64];
        int length = CgroupFile.TryRead(control, buffer);
        ReadOnlySpan<byte> text = length < 0 ? default : buffer[..length];
        return isV2 ? text.StartsWith("1"u8) || IsFrozen() : text.StartsWith("FR"u8);
    }

    /// <summary>True once every process stands still.</summary>
    public bool IsFrozen()
    {
        Span<byte> buffer = stackalloc byte[256];
        int length = CgroupFile.TryRead(state, buffer);
        ReadOnlySpan<byte> text = length < 0 ? default : buffer[..length];
        return isV2 ? text.IndexOf("frozen 1"u8) >= 0 : text.StartsWith("FROZEN"u8);
    }
}
