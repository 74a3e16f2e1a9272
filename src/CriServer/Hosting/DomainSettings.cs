using CriRuntime.Cni;
using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Observability.Tracing;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Streaming;

namespace CriRuntime.CriServer.Hosting;

/// <summary>The configuration in the terms of the parts that it configures.</summary>
internal static class DomainSettings
{
    internal static RuntimeSettings From(ServerConfiguration configuration, CgroupDriverChoice cgroups) => new()
    {
        Root = configuration.Root,
        Run = configuration.Run,
        ConmonPath = configuration.ConmonPath(),
        ResolvConfPath = configuration.Containers.ResolvConf,
        CgroupDriver = cgroups.Driver,
        DefaultCgroupParent = cgroups.DefaultParent,
        MonitorCgroup = cgroups.Monitors,
        ShmSize = configuration.Containers.ShmSize,
        SeccompProfile = configuration.Containers.SeccompProfile,
        Logs = new LogOptions
        {
            MaxSize = configuration.Containers.LogSizeMax,
            BytesPerSecond = configuration.Containers.LogRateLimit,
            Sync = configuration.Containers.LogSync switch
            {
                "exit" => LogSync.OnRotateAndExit,
                "interval" => LogSync.Interval,
                _ => LogSync.Never,
            },
            SyncSeconds = configuration.Containers.LogSyncSeconds,
        },
        Handlers = Handlers(configuration, cgroups.Driver),
        CriuPath = configuration.Checkpoints.Criu,
        RestoresImages = configuration.Checkpoints.RestoreImages,
        MetricsAddress = configuration.Metrics.Address,
        Streaming = new StreamingSettings
        {
            Address = configuration.Streaming.Address,
            Port = configuration.Streaming.Port,
            Certificate = configuration.Streaming.Certificate,
            Key = configuration.Streaming.Key,
            IdleTimeout = TimeSpan.FromSeconds(configuration.Streaming.IdleTimeoutSeconds),
        },
        MonitorLogLevel = LogLevels.Parse(configuration.Log.Level) <= LogLevel.Debug ? MonitorLogLevel.Debug : MonitorLogLevel.Warning,
    };

    private static SortedDictionary<string, RuntimeHandler> Handlers(ServerConfiguration configuration, CgroupDriver driver)
    {
        SortedDictionary<string, RuntimeHandler> handlers = new(StringComparer.Ordinal) { [""] = RuntimeHandler.BuiltIn };
        foreach ((string name, RuntimeConfiguration runtime) in configuration.Runtimes)
            handlers[name] = Handler(name, runtime, configuration.Run, driver);
        handlers[""] = configuration.DefaultRuntime.Length > 0 ? handlers[configuration.DefaultRuntime] : handlers[""];
        return handlers;
    }

    private static RuntimeHandler Handler(string name, RuntimeConfiguration runtime, string run, CgroupDriver driver)
    {
        RuntimeHandler handler = new(name)
        {
            AllowedAnnotations = runtime.AllowedAnnotations ?? [],
            PrivilegedWithoutHostDevices = runtime.PrivilegedWithoutHostDevices ?? false,
        };
        return runtime.Type == RuntimeRules.BuiltIn ? handler : handler with
        {
            Path = runtime.Path ?? name,
            Root = runtime.Root ?? Path.Join(run, "runtimes", name),
            SystemdCgroup = driver == CgroupDriver.Systemd,
            TimeoutSeconds = runtime.TimeoutSeconds ?? handler.TimeoutSeconds,
        };
    }

    /// <summary>Null: no traces, and nothing of their export is made.</summary>
    internal static TracingSettings? Tracing(ServerConfiguration configuration)
    {
        TracingConfiguration tracing = configuration.Tracing;
        if (tracing.Target() is not { } target)
            return null;
        return new TracingSettings
        {
            Target = target,
            Grpc = tracing.Protocol == TracingConfiguration.Grpc,
            Compress = tracing.Compression == TracingConfiguration.Gzip,
            Headers = tracing.Headers,
            Tls = CollectorTls.For(tracing.Certificate, tracing.ClientCertificate, tracing.ClientKey),
            Patience = TimeSpan.FromMilliseconds(tracing.TimeoutMilliseconds),
            SamplingRatePerMillion = tracing.SamplingRatePerMillion,
            ServiceName = tracing.ServiceName,
        };
    }

    internal static CniOptions Cni(ServerConfiguration configuration) => new()
    {
        ConfDir = configuration.Cni.ConfDir,
        BinDirs = configuration.Cni.BinDirs,
        CacheDir = configuration.CniCachePath(),
        PluginTimeout = TimeSpan.FromSeconds(configuration.Cni.TimeoutSeconds),
    };
}
