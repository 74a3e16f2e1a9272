using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Lsm;

namespace CriRuntime.CriServer.Configuration;

/// <summary>The rules that a merged configuration must keep. Every broken rule is reported, not just the first.</summary>
internal static class ConfigurationValidation
{
    /// <returns>Empty for a good configuration.</returns>
    internal static IEnumerable<ConfigurationProblem> Check(ServerConfiguration c) =>
        Paths(c).Concat(Choices(c)).Concat(Ranges(c)).Concat(Registries(c)).Concat(RuntimeRules.Check(c)).Concat(TracingRules.Check(c.Tracing));

    private static IEnumerable<ConfigurationProblem> Paths(ServerConfiguration c)
    {
        PathRule[] paths =
        [
            new("root", c.Root, false),
            new("run", c.Run, false),
            new("listen", c.Listen.StartsWith("unix://", StringComparison.Ordinal) ? c.Listen["unix://".Length..] : c.Listen, true),
            new("conmon", c.Conmon, true),
            new("cni.confDir", c.Cni.ConfDir, false),
            new("cni.cacheDir", c.Cni.CacheDir, true),
            new("cni.template", c.Cni.Template, true),
            new("checkpoints.criu", c.Checkpoints.Criu, true),
            new("nri.socket", c.Nri.Socket, false),
            new("nri.pluginDir", c.Nri.PluginDir, false),
            new("nri.configDir", c.Nri.ConfigDir, false),
            new("containers.resolvConf", c.Containers.ResolvConf, false),
            new("containers.seccompProfile", c.Containers.SeccompProfile, true),
            new("containers.blockIoClasses", c.Containers.BlockIoClasses, true),
            new("streaming.certificate", c.Streaming.Certificate, true),
            new("streaming.key", c.Streaming.Key, true),
            new("tracing.certificate", c.Tracing.Certificate, true),
            new("tracing.clientCertificate", c.Tracing.ClientCertificate, true),
            new("tracing.clientKey", c.Tracing.ClientKey, true),
            .. c.Cdi.SpecDirs.Select((dir, i) => new PathRule($"cdi.specDirs[{i}]", dir, false)),
            .. c.Cni.BinDirs.Select((dir, i) => new PathRule($"cni.binDirs[{i}]", dir, false)),
        ];
        foreach ((string key, string value, bool mayBeEmpty) in paths)
        {
            if (value.Length == 0 && mayBeEmpty)
                continue;
            if (!value.StartsWith('/'))
                yield return new(key, $"'{value}' is not an absolute path");
            else if (value.Split('/').Contains(".."))
                yield return new(key, $"'{value}' contains '..'");
            else if (value.Contains('\0'))
                yield return new(key, "the path contains a NUL character");
        }

        if (c.Root == c.Run)
            yield return new("run", $"'{c.Run}' is the same directory as root; run belongs on a tmpfs, root on a disk");
        if (c.Cni.BinDirs.Count == 0)
            yield return new("cni.binDirs", "is empty; name at least one directory with CNI plugins");
        foreach ((string key, string socket) in new[] { ("listen", c.SocketPath()), ("nri.socket", c.Nri.Socket) })
        {
            if (System.Text.Encoding.UTF8.GetByteCount(socket) > 107)
                yield return new(key, $"'{socket}' is longer than the 107 bytes that the kernel allows for a unix socket");
        }
    }

    private static IEnumerable<ConfigurationProblem> Choices(ServerConfiguration c)
    {
        if (LogLevels.Parse(c.Log.Level) is null)
            yield return new("log.level", $"'{c.Log.Level}' is none of {LogLevels.Names}");
        if (c.Log.Format is not ("text" or "json"))
            yield return new("log.format", $"'{c.Log.Format}' is none of text, json");
        if (c.Cgroup.Driver is not ("auto" or "systemd" or "cgroupfs"))
            yield return new("cgroup.driver", $"'{c.Cgroup.Driver}' is none of auto, systemd, cgroupfs");
        foreach ((string key, string name) in new[] { ("cgroup.defaultParent", c.Cgroup.DefaultParent), ("cgroup.monitors", c.Cgroup.Monitors) })
        {
            bool known = name == CgroupConfiguration.Auto || name.StartsWith('/') || name.EndsWith(".slice", StringComparison.Ordinal) || (name.Length == 0 && key == "cgroup.monitors");
            if (!known || name.Contains('\0') || name.Split('/').Contains(".."))
                yield return new(key, $"'{name}' is neither an absolute path without '..', nor a slice, nor auto");
        }
        if (c.Containers.LogSync is not ("never" or "exit" or "interval"))
            yield return new("containers.logSync", $"'{c.Containers.LogSync}' is none of never, exit, interval");
        if (c.Containers.BlockIoClasses is ['/', ..] classes && BlockIoClassFile.ProblemOf(classes) is { } unusable)
            yield return new("containers.blockIoClasses", $"'{classes}' has no usable classes: {unusable}");
        if (c.Security.ApparmorProfile.Length == 0 || c.Security.ApparmorProfile.Any(char.IsControl))
            yield return new("security.apparmorProfile", $"'{c.Security.ApparmorProfile}' is not the name of a profile; write unconfined for none");
        if (c.Security.Selinux is not (SelinuxChoice.Auto or SelinuxChoice.On or SelinuxChoice.Off))
            yield return new("security.selinux", $"'{c.Security.Selinux}' is none of auto, on, off");
        if (!System.Net.IPAddress.TryParse(c.Streaming.Address, out _))
            yield return new("streaming.address", $"'{c.Streaming.Address}' is not an IP address");
        if (c.Metrics.Address.Length > 0 && !(System.Net.IPEndPoint.TryParse(c.Metrics.Address, out System.Net.IPEndPoint? metrics) && metrics.Port > 0))
            yield return new("metrics.address", $"'{c.Metrics.Address}' is not an IP address and a port, as in 127.0.0.1:9537");
        if (c.Streaming.Certificate.Length == 0 && c.Streaming.Key.Length > 0)
            yield return new("streaming.key", "is set without streaming.certificate");
        foreach ((string key, string file) in new[] { ("streaming.certificate", c.Streaming.Certificate), ("streaming.key", c.Streaming.Key) })
        {
            if (file.Length > 0 && !File.Exists(file))
                yield return new(key, $"'{file}' does not exist");
        }
    }

    private static IEnumerable<ConfigurationProblem> Ranges(ServerConfiguration c)
    {
        RangeRule[] ranges =
        [
            new("cni.timeoutSeconds", c.Cni.TimeoutSeconds, 1, 3600),
            new("images.maxParallelLayers", c.Images.MaxParallelLayers, 0, 64),
            new("images.stallTimeoutSeconds", c.Images.StallTimeoutSeconds, 1, 3600),
            new("containers.logSizeMax", c.Containers.LogSizeMax == 0 ? 4096 : c.Containers.LogSizeMax, 4096, 1L << 50),
            new("containers.logRateLimit", c.Containers.LogRateLimit == 0 ? 4096 : c.Containers.LogRateLimit, 4096, 1L << 50),
            new("containers.logSyncSeconds", c.Containers.LogSyncSeconds, 1, 86400),
            new("nri.requestTimeoutSeconds", c.Nri.RequestTimeoutSeconds, 1, 60),
            new("nri.registrationTimeoutSeconds", c.Nri.RegistrationTimeoutSeconds, 1, 60),
            new("streaming.port", c.Streaming.Port, 0, 65535),
            new("streaming.idleTimeoutSeconds", c.Streaming.IdleTimeoutSeconds, 1, 604800),
            new("tracing.timeoutMilliseconds", c.Tracing.TimeoutMilliseconds, 1, 600_000),
            new("tracing.samplingRatePerMillion", c.Tracing.SamplingRatePerMillion, 0, 1_000_000),
            new("containers.shmSize", c.Containers.ShmSize, 4096, 1L << 40),
        ];
        foreach (RangeRule range in ranges)
        {
            if (range.Value < range.Min || range.Value > range.Max)
                yield return new(range.Key, $"{range.Value} is not between {range.Min} and {range.Max}");
        }
    }

    private static IEnumerable<ConfigurationProblem> Registries(ServerConfiguration c)
    {
        foreach ((string host, RegistryConfiguration registry) in c.Registries)
        {
            foreach (ConfigurationProblem problem in Registry(host, registry))
                yield return problem;
        }
    }

    private static IEnumerable<ConfigurationProblem> Registry(string host, RegistryConfiguration registry)
    {
        string key = $"registries.{host}";
        if (host == "*" && registry != new RegistryConfiguration { Mirrors = registry.Mirrors, MirrorsOnly = registry.MirrorsOnly })
            yield return new(key, "may only have mirrors and mirrorsOnly; TLS and plainHttp belong to one host");
        if (host.Length == 0 || host.Contains('/') || host.Contains(' '))
            yield return new(key, "the key is not a registry host; write host or host:port, without scheme and path, or *");
        foreach (string mirror in registry.Mirrors ?? [])
        {
            if (!Uri.TryCreate(mirror, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
                yield return new($"{key}.mirrors", $"'{mirror}' is not an http or https URL without credentials");
        }

        if (registry.MirrorsOnly == true && registry.Mirrors is not { Count: > 0 })
            yield return new($"{key}.mirrorsOnly", "is set, but there are no mirrors");
        if (registry.ClientCertificate is null && registry.ClientKey is not null)
            yield return new($"{key}.clientKey", "is set without clientCertificate");
        foreach ((string name, string? file) in new[] { ("ca", registry.Ca), ("clientCertificate", registry.ClientCertificate), ("clientKey", registry.ClientKey) })
        {
            if (file is not null && !File.Exists(file))
                yield return new($"{key}.{name}", $"'{file}' does not exist");
        }
    }

    private sealed record PathRule(string Key, string Value, bool MayBeEmpty);

    private sealed record RangeRule(string Key, long Value, long Min, long Max);
}

/// <param name="Key">Dotted, e.g. <c>cni.confDir</c>.</param>
/// <param name="Problem">What is wrong, and what is expected.</param>
internal sealed record ConfigurationProblem(string Key, string Problem);
