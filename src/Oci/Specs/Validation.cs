namespace CriRuntime.Oci.Specs;

/// <summary>
/// Checks of a whole configuration before anything is made from it (runtime-spec 1.2, config.md and config-linux.md).
/// Each check throws <see cref="SpecException"/> with the JSON field at fault.
/// </summary>
public static class Validation
{
    /// <summary>Checks everything that can be judged without looking at the host.</summary>
    public static void Check(Spec spec)
    {
        CheckVersion(spec.OciVersion);
        CheckRoot(spec.Root);
        if (spec.Process is not null)
            ProcessValidation.Check(spec.Process, "process");
        for (int i = 0; i < spec.Mounts.Count; i++)
            CheckMount(spec.Mounts[i], $"mounts[{i}]");
        CheckNames(spec);
        CheckHooks(spec.Hooks);
        if (spec.Linux is not null)
            LinuxValidation.Check(spec.Linux);
    }

    private static void CheckVersion(string? version)
    {
        if (string.IsNullOrEmpty(version))
            throw new SpecException("ociVersion", "is required");
        if (!version.StartsWith("1.", StringComparison.Ordinal))
            throw new SpecException("ociVersion", $"\"{version}\" is not a 1.x version");
    }

    private static void CheckRoot(Root? root)
    {
        if (root is null)
            throw new SpecException("root", "is required");
        Text.RequireSet(root.Path, "root.path");
    }

    private static void CheckMount(Mount mount, string field)
    {
        Text.RequireAbsolute(mount.Destination, field + ".destination");
        Text.RequireNoNul(mount.Source, field + ".source");
        Text.RequireNoNul(mount.Type, field + ".type");
        for (int i = 0; i < mount.Options.Count; i++)
            Text.RequireNoNul(mount.Options[i], $"{field}.options[{i}]");
        if (mount.UidMappings.Count == 0 != (mount.GidMappings.Count == 0))
            throw new SpecException(field + ".uidMappings", "uidMappings and gidMappings go together");
        LinuxValidation.CheckMappings(mount.UidMappings, field + ".uidMappings");
        LinuxValidation.CheckMappings(mount.GidMappings, field + ".gidMappings");
    }

    private static void CheckNames(Spec spec)
    {
        bool needsUts = !string.IsNullOrEmpty(spec.Hostname) || !string.IsNullOrEmpty(spec.Domainname);
        bool hasUts = spec.Linux?.Namespaces.Any(static n => n.Type == LinuxNamespaceType.Uts) ?? false;
        if (needsUts && !hasUts)
            throw new SpecException(string.IsNullOrEmpty(spec.Hostname) ? "domainname" : "hostname", "needs a uts namespace in linux.namespaces");
        Text.RequireNoLongerThan(spec.Hostname, 64, "hostname");
        Text.RequireNoLongerThan(spec.Domainname, 64, "domainname");
        foreach ((string key, string value) in spec.Annotations)
        {
            if (key.Length == 0)
                throw new SpecException("annotations", "has an empty key");
            if (value is null)
                throw new SpecException($"annotations[{key}]", "is null");
        }
    }

    private static void CheckHooks(Hooks? hooks)
    {
        if (hooks is null)
            return;
        CheckHooks(hooks.Prestart, "hooks.prestart");
        CheckHooks(hooks.CreateRuntime, "hooks.createRuntime");
        CheckHooks(hooks.CreateContainer, "hooks.createContainer");
        CheckHooks(hooks.StartContainer, "hooks.startContainer");
        CheckHooks(hooks.Poststart, "hooks.poststart");
        CheckHooks(hooks.Poststop, "hooks.poststop");
    }

    private static void CheckHooks(IReadOnlyList<Hook> hooks, string field)
    {
        for (int i = 0; i < hooks.Count; i++)
        {
            Text.RequireAbsolute(hooks[i].Path, $"{field}[{i}].path");
            Text.RequireNoNul(hooks[i].Args, $"{field}[{i}].args");
            Text.RequireNoNul(hooks[i].Env, $"{field}[{i}].env");
            if (hooks[i].Timeout is <= 0)
                throw new SpecException($"{field}[{i}].timeout", "must be above 0 seconds");
        }
    }
}
