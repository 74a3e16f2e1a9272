namespace CriRuntime.CriServer.Configuration;

/// <summary>The rules that a merged configuration must keep. Every broken rule is reported, not just the first.</summary>
internal static class ConfigurationValidation
{
    /// <returns>(key, what is wrong and what is expected), empty for a good configuration.</returns>
    internal static IEnumerable<(string Key, string Problem)> Check(ServerConfiguration c) =>
        Paths(c).Concat(Choices(c)).Concat(Ranges(c)).Concat(c.Registries.SelectMany(entry => Registry(entry.Key, entry.Value)));

    private static IEnumerable<(string Key, string Problem)> Paths(ServerConfiguration c)
    {
        (string Key, string Value, bool MayBeEmpty)[] paths =
        [
            ("root", c.Root, false),
            ("run", c.Run, false),
            ("listen", c.Listen.StartsWith("unix://", StringComparison.Ordinal) ? c.Listen["unix://".Length..] : c.Listen, true),
            ("conmon", c.Conmon, true),
            ("cni.confDir", c.Cni.ConfDir, false),
            ("cni.cacheDir", c.Cni.CacheDir, true),
            ("cgroup.defaultParent", c.Cgroup.DefaultParent, false),
            ("cgroup.monitors", c.Cgroup.Monitors, true),
            ("containers.resolvConf", c.Containers.ResolvConf, false),
            ("containers.seccompProfile", c.Containers.SeccompProfile, true),
            .. c.Cni.BinDirs.Select((dir, i) => ($"cni.binDirs[{i}]", dir, false)),
        ];
        foreach ((string key, string value, bool mayBeEmpty) in paths)
        {
            if (value.Length == 0 && mayBeEmpty)
                continue;
            if (!value.StartsWith('/'))
                yield return (key, $"'{value}' is not an absolute path");
            else if (value.Split('/').Contains(".."))
                yield return (key, $"'{value}' contains '..'");
            else if (value.Contains('\0'))
                yield return (key, "the path contains a NUL character");
        }

        if (c.Root == c.Run)
            yield return ("run", $"'{c.Run}' is the same directory as root; run belongs on a tmpfs, root on a disk");
        if (c.Cni.BinDirs.Count == 0)
            yield return ("cni.binDirs", "is empty; name at least one directory with CNI plugins");
        if (System.Text.Encoding.UTF8.GetByteCount(c.SocketPath()) > 107)
            yield return ("listen", $"'{c.SocketPath()}' is longer than the 107 bytes that the kernel allows for a unix socket");
    }

    private static IEnumerable<(string Key, string Problem)> Choices(ServerConfiguration c)
    {
        if (LogLevels.Parse(c.Log.Level) is null)
            yield return ("log.level", $"'{c.Log.Level}' is none of {LogLevels.Names}");
        if (c.Log.Format is not ("text" or "json"))
            yield return ("log.format", $"'{c.Log.Format}' is none of text, json");
    }

    private static IEnumerable<(string Key, string Problem)> Ranges(ServerConfiguration c)
    {
        (string Key, long Value, long Min, long Max)[] ranges =
        [
            ("cni.timeoutSeconds", c.Cni.TimeoutSeconds, 1, 3600),
            ("images.maxParallelLayers", c.Images.MaxParallelLayers, 0, 64),
            ("images.stallTimeoutSeconds", c.Images.StallTimeoutSeconds, 1, 3600),
            ("containers.shmSize", c.Containers.ShmSize, 4096, 1L << 40),
        ];
        return from range in ranges
               where range.Value < range.Min || range.Value > range.Max
               select (range.Key, $"{range.Value} is not between {range.Min} and {range.Max}");
    }

    private static IEnumerable<(string Key, string Problem)> Registry(string host, RegistryConfiguration registry)
    {
        string key = $"registries.{host}";
        if (host == "*" && registry != new RegistryConfiguration { Mirrors = registry.Mirrors, MirrorsOnly = registry.MirrorsOnly })
            yield return (key, "may only have mirrors and mirrorsOnly; TLS and plainHttp belong to one host");
        if (host.Length == 0 || host.Contains('/') || host.Contains(' '))
            yield return (key, "the key is not a registry host; write host or host:port, without scheme and path, or *");
        foreach (string mirror in registry.Mirrors ?? [])
        {
            if (!Uri.TryCreate(mirror, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
                yield return ($"{key}.mirrors", $"'{mirror}' is not an http or https URL without credentials");
        }

        if (registry.MirrorsOnly == true && registry.Mirrors is not { Count: > 0 })
            yield return ($"{key}.mirrorsOnly", "is set, but there are no mirrors");
        if (registry.ClientCertificate is null && registry.ClientKey is not null)
            yield return ($"{key}.clientKey", "is set without clientCertificate");
        foreach ((string name, string? file) in new[] { ("ca", registry.Ca), ("clientCertificate", registry.ClientCertificate), ("clientKey", registry.ClientKey) })
        {
            if (file is not null && !File.Exists(file))
                yield return ($"{key}.{name}", $"'{file}' does not exist");
        }
    }
}
