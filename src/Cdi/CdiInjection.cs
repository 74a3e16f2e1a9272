using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Specs.Edits;

namespace CriRuntime.Cdi;

/// <summary>Makes the edits in a container's OCI specification.</summary>
public static class CdiInjection
{
    /// <param name="hostDevice">The node at a path of the host, as it would be in a container at the second path; null where there is none.</param>
    /// <exception cref="CdiException">A device node is neither described completely nor on the host, or is of another type there.</exception>
    public static Spec Apply(Spec spec, IReadOnlyList<ContainerEdits> edits, Func<string, string, LinuxDevice?> hostDevice)
    {
        foreach (ContainerEdits edit in edits)
            spec = Apply(spec, edit, hostDevice);
        return spec;
    }

    private static Spec Apply(Spec spec, ContainerEdits edits, Func<string, string, LinuxDevice?> hostDevice)
    {
        Process process = spec.Process!;
        LinuxSection linux = spec.Linux!;
        foreach (DeviceNode node in edits.DeviceNodes)
            linux = SpecEdits.WithDevice(linux, Resolve(node, process.User, hostDevice), node.Permissions is "none" ? "" : node.Permissions ?? "rwm");
        return spec with
        {
            Process = process with
            {
                Env = Environment(process.Env, edits.Env),
                User = process.User with { AdditionalGids = Groups(process.User.AdditionalGids, edits.AdditionalGids) },
            },
            Mounts = Mounts(spec.Mounts, edits.Mounts),
            Hooks = Hooks(spec.Hooks, edits.Hooks),
            Linux = linux with
            {
                IntelRdt = edits.IntelRdt ?? linux.IntelRdt,
                NetDevices = NetDevices(linux.NetDevices, edits.NetDevices),
            },
        };
    }

    private static LinuxDevice Resolve(DeviceNode node, User user, Func<string, string, LinuxDevice?> hostDevice)
    {
        string hostPath = node.HostPath ?? node.Path;
        LinuxDevice? host = hostDevice(hostPath, node.Path);
        if (host is null && !node.IsComplete)
            throw new CdiException($"CDI device node {node.Path}: there is no device {hostPath} on this node");
        if (host is not null && !node.IsComplete && node.Type is not null && node.Type != host.Type)
            throw new CdiException($"CDI device node {node.Path}: {hostPath} is of type {host.Type}, not {node.Type}");
        bool described = node.IsComplete || node.Major != 0;
        return new LinuxDevice
        {
            Path = node.Path,
            Type = node.Type ?? host!.Type,
            Major = described ? node.Major : host!.Major,
            Minor = described ? node.Minor : host!.Minor,
            FileMode = node.FileMode ?? host?.FileMode,
            // The container's user owns what nobody else was named for.
            Uid = node.Uid ?? (user.Uid > 0 ? user.Uid : null),
            Gid = node.Gid ?? (user.Gid > 0 ? user.Gid : null),
        };
    }

    private static IReadOnlyList<string> Environment(IReadOnlyList<string> present, IReadOnlyList<string> added)
    {
        if (added.Count == 0)
            return present;
        List<string> block = [.. present];
        foreach (string variable in added)
        {
            int separator = variable.IndexOf('=', StringComparison.Ordinal);
            SpecEdits.SetVariable(block, variable[..separator], variable[(separator + 1)..]);
        }

        return block;
    }

    private static IReadOnlyList<uint> Groups(IReadOnlyList<uint> present, IReadOnlyList<uint> added) =>
        added.Count == 0 ? present : [.. present.Concat(added.Where(group => group != 0)).Distinct()];

    /// <summary>A mount replaces one at the same place.</summary>
    private static IReadOnlyList<Mount> Mounts(IReadOnlyList<Mount> present, IReadOnlyList<Mount> added)
    {
        if (added.Count == 0)
            return present;
        IEnumerable<Mount> all = present.Where(old => !added.Any(mount => mount.Destination == old.Destination))
            .Concat(added.Select(mount => mount.Type is null && !mount.Options.Any(option => option is "bind" or "rbind") ? mount with { Type = "bind", Options = [.. mount.Options, "rbind"] } : mount));
        return SpecEdits.InOrder(all);
    }

    private static Hooks? Hooks(Hooks? present, IReadOnlyList<NamedHook> added)
    {
        if (added.Count == 0)
            return present;
        Hooks hooks = present ?? new Hooks();
        foreach ((string name, Hook hook) in added)
        {
            hooks = name switch
            {
                "prestart" => hooks with { Prestart = [.. hooks.Prestart, hook] },
                "createRuntime" => hooks with { CreateRuntime = [.. hooks.CreateRuntime, hook] },
                "createContainer" => hooks with { CreateContainer = [.. hooks.CreateContainer, hook] },
                "startContainer" => hooks with { StartContainer = [.. hooks.StartContainer, hook] },
                "poststart" => hooks with { Poststart = [.. hooks.Poststart, hook] },
                _ => hooks with { Poststop = [.. hooks.Poststop, hook] },
            };
        }

        return hooks;
    }

    private static IReadOnlyDictionary<string, LinuxNetDevice> NetDevices(
        IReadOnlyDictionary<string, LinuxNetDevice> present, IReadOnlyList<(string HostName, string Name)> added)
    {
        if (added.Count == 0)
            return present;
        Dictionary<string, LinuxNetDevice> all = new(present);
        foreach ((string hostName, string name) in added)
            all[hostName] = new LinuxNetDevice { Name = name };
        return all;
    }
}
