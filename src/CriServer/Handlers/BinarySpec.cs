using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Handlers;

/// <summary>A container's specification as another runtime takes it: what only our own planner understands is translated, or refused in words.</summary>
public static class BinarySpec
{
    /// <summary>crun refuses versions that it does not know, and nothing in our specifications is newer.</summary>
    private const string Version = "1.0.2";

    private const string Overlay = "overlay";

    /// <summary>Where crun puts the container below its scope (crun(1)): it is to be the scope itself, with the limits that the kubelet and statistics look for there.</summary>
    private const string ScopeSubgroup = "run.oci.systemd.subgroup";

    /// <param name="spec">As it is planned for the built-in runtime.</param>
    /// <param name="handler">Whose binary takes it.</param>
    /// <param name="features">What that can.</param>
    /// <param name="rootfs">Where the binary finds the root file system mounted.</param>
    /// <param name="volumes">The directory in which it finds the <see cref="Volumes"/>.</param>
    /// <exception cref="CriException">InvalidArgument or FailedPrecondition naming what can't be had with this handler.</exception>
    public static Spec Translate(Spec spec, RuntimeHandler handler, HandlerFeatures features, string rootfs, string volumes)
    {
        CheckText(spec.Process!, handler);
        CheckNewer(spec.Linux!, handler, features);
        foreach (Mount mount in spec.Mounts)
            Check(mount, handler, features);
        return spec with
        {
            OciVersion = Version,
            Mounts = Bound(spec, volumes),
            Root = (spec.Root ?? new Root()) with { Path = rootfs },
            Annotations = Annotations(spec, handler),
            Linux = spec.Linux! with { CgroupsPath = CgroupsPath(spec.Linux.CgroupsPath ?? "", handler) },
        };
    }

    /// <summary>
    /// What is mounted before the binary runs. Image volumes: mount(2) takes a page of layers, and no binary knows of paths in them. And volumes that would lose their peers.
    /// </summary>
    public static IReadOnlyList<Mount> Volumes(Spec spec) => [.. spec.Mounts.Where(mount => IsVolume(spec, mount))];

    private static bool IsVolume(Spec spec, Mount mount) => mount.Type == Overlay || ProgramMounts.LosesPeers(mount, spec.Linux?.RootfsPropagation);

    private static List<Mount> Bound(Spec spec, string directory)
    {
        List<Mount> bound = [];
        int volumes = 0;
        foreach (Mount mount in spec.Mounts)
            bound.Add(IsVolume(spec, mount) ? Bind(mount, ProgramMounts.PathOf(directory, volumes++)) : mount);
        return bound;
    }

    /// <summary>With the attributes, which the volume has as well; its layers and path are the volume's.</summary>
    private static Mount Bind(Mount volume, string source)
    {
        IEnumerable<string> attributes = volume.Options.Where(static option => !option.Contains('=', StringComparison.Ordinal));
        return volume with { Type = "bind", Source = source, Options = ["rbind", .. attributes] };
    }

    /// <summary>JSON is text: bytes that are no UTF-8 stand in our specifications as lone surrogates, which end there.</summary>
    private static void CheckText(Process process, RuntimeHandler handler)
    {
        foreach (string variable in process.Env)
        {
            if (HasLoneSurrogate(variable))
                throw CriException.InvalidArgument($"config.envs: {Name(variable)} has a value that is not UTF-8, which {handler} can't be told; the built-in runtime can");
        }

        if (process.Args.Any(HasLoneSurrogate))
            throw CriException.InvalidArgument($"config.command: an argument is not UTF-8, which {handler} can't be told; the built-in runtime can");
    }

    /// <summary>What older binaries read over, as JSON that they do not know: the container would run without what was asked for.</summary>
    private static void CheckNewer(LinuxSection linux, RuntimeHandler handler, HandlerFeatures features)
    {
        string? lacking = linux switch
        {
            { MemoryPolicy: not null } when !features.MemoryPolicies => "linux.memoryPolicy",
            { IntelRdt: not null } when !features.IntelRdt => "linux.intelRdt",
            { NetDevices.Count: > 0 } when !features.NetDevices => "linux.netDevices",
            _ => null,
        };
        if (lacking is not null)
            throw CriException.FailedPrecondition($"{lacking}, which an NRI plugin or a CDI device asks for: {handler} does not say by `features` that it can");
    }

    private static void Check(Mount mount, RuntimeHandler handler, HandlerFeatures features)
    {
        if (mount.UidMappings.Count + mount.GidMappings.Count > 0)
            throw CriException.FailedPrecondition($"config.mounts of {mount.Destination}: mapped ids are for the built-in runtime, not for {handler}");
        if (!features.RecursiveReadOnlyMounts && mount.Options.Contains("rro"))
            throw CriException.FailedPrecondition($"config.mounts of {mount.Destination}: recursive_read_only is asked for, and {handler} does not say by `features` that it can");
    }

    /// <summary>With systemd <c>slice:prefix:name</c>, which names the same scope as our own driver.</summary>
    private static string CgroupsPath(string path, RuntimeHandler handler)
    {
        if (!handler.SystemdCgroup)
            return path;
        string scope = Path.GetFileNameWithoutExtension(path);
        int dash = scope.IndexOf('-', StringComparison.Ordinal);
        return $"{Path.GetFileName(Path.GetDirectoryName(path))}:{scope[..dash]}:{scope[(dash + 1)..]}";
    }

    private static IReadOnlyDictionary<string, string> Annotations(Spec spec, RuntimeHandler handler) =>
        handler.SystemdCgroup ? new Dictionary<string, string>(spec.Annotations, StringComparer.Ordinal) { [ScopeSubgroup] = "" } : spec.Annotations;

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return true;
        }

        return false;
    }

    private static string Name(string variable) => variable.Split('=', 2)[0];
}
