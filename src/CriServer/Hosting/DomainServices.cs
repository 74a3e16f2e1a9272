using CriRuntime.Cdi;
using CriRuntime.Cni;
using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Events;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Images;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Metrics;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Observability.Tracing;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Stats;
using CriRuntime.CriServer.Streaming;
using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Planning;

namespace CriRuntime.CriServer.Hosting;

/// <summary>What the daemon is made of, one line a part. Everything is a singleton.</summary>
internal static class DomainServices
{
    internal static void AddDomain(this IServiceCollection services, ServerConfiguration configuration, CgroupDriverChoice cgroups)
    {
        RuntimeSettings settings = DomainSettings.From(configuration, cgroups);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<RuntimeState>();
        services.AddSingleton(provider => provider.GetRequiredService<RuntimeState>().Directories);
        AddHost(services, settings, configuration);
        AddCgroups(services, cgroups);
        AddNetwork(services, configuration);
        AddImages(services, configuration);
        AddOperations(services);
        AddStreaming(services);
        AddNri(services, configuration);
        services.AddSingleton<ContainerEvents>();
        services.AddSingleton<IStatsSource, CgroupStatsSource>();
        services.AddSingleton<PodMetrics>();
        services.AddSingleton<Telemetry>();
        services.AddSingleton<MemoryTrim>();
        AddTracing(services, configuration);
        services.AddSingleton<LoggingInterceptor>();
        services.AddSingleton<TracingInterceptor>();
        services.AddSingleton<MetricsInterceptor>();
        services.AddSingleton<ExceptionInterceptor>();
        services.AddHostedService<MetricsServer>();
        services.AddSingleton<RuntimeService>();
        services.AddSingleton<ImageService>();
        services.AddSingleton<AdminService>();
        services.AddHostedService<RecoveryService>();
        services.AddHostedService(provider => new ServiceManager(
            provider.GetRequiredService<IHostApplicationLifetime>(), Environment.GetEnvironmentVariable, provider.GetRequiredService<ILogger<ServiceManager>>()));
    }

    private static void AddHost(IServiceCollection services, RuntimeSettings settings, ServerConfiguration configuration)
    {
        services.AddSingleton(NodeFacts.Read());
        services.AddSingleton(HostFacts.Detect());
        services.AddSingleton(CgroupHierarchy.Detect());
        services.AddSingleton<IContainerPlanner, OciContainerPlanner>();
        services.AddSingleton<IHostMounts, HostMounts>();
        services.AddSingleton(provider => new UserNamespaceSupport(
            () => UserNamespaceProbe.RunAsync(settings, provider.GetRequiredService<ImageDirectories>(), provider.GetRequiredService<HostFacts>())));
        services.AddSingleton(RuntimeDefaultProfile.Profiles(settings));
        AddSecurityModules(services, configuration.Security);
        services.AddSingleton(provider =>
        {
            ILogger logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger<CdiRegistry>();
            return new CdiRegistry(configuration.Cdi.SpecDirs, problem => Log.DeviceWarning(logger, problem));
        });
        services.AddSingleton<CdiDevices>();
        services.AddSingleton(provider =>
        {
            ILogger logger = provider.GetRequiredService<ILogger<NodeClasses>>();
            return new NodeClasses(new BlockIoClasses(configuration.Containers.BlockIoClasses, problem => Log.ClassWarning(logger, problem)), new RdtClasses());
        });
        services.AddSingleton<IMonitorLauncher, ConmonLauncher>();
        services.AddSingleton<IExitRecords, ExitRecords>();
        services.AddSingleton<MonitorRegistry>();
        services.AddSingleton<MonitorEvents>();
    }

    private static void AddSecurityModules(IServiceCollection services, SecurityConfiguration configuration)
    {
        services.AddSingleton(provider => new AppArmorProfiles(
            AppArmorHost.Of(provider.GetRequiredService<NodeFacts>().AppArmor), configuration.ApparmorProfile, provider.GetRequiredService<Telemetry>(), provider.GetRequiredService<ILogger<AppArmorProfiles>>()));
        (SelinuxPolicy? policy, string? obstacle) = SelinuxChoice.Make(configuration.Selinux, SelinuxKernel.OfNode(), "/etc/selinux");
        services.AddSingleton(provider =>
        {
            ILogger logger = provider.GetRequiredService<ILogger<Selinux>>();
            if (policy is not null)
                LsmLog.SelinuxUsed(logger, policy.Process, policy.Files);
            if (obstacle is not null)
                LsmLog.SelinuxNotUsed(logger, obstacle);
            return new Selinux(policy, SelinuxKernel.OfNode().Knows, provider.GetRequiredService<RuntimeState>());
        });
    }

    private static void AddTracing(IServiceCollection services, ServerConfiguration configuration)
    {
        if (DomainSettings.Tracing(configuration) is not { } tracing)
            return;
        services.AddSingleton(tracing);
        services.AddHostedService<TraceExporter>();
    }

    private static void AddCgroups(IServiceCollection services, CgroupDriverChoice cgroups)
    {
        services.AddSingleton<OciContainerCgroups>();
        if (cgroups.Driver == CgroupDriver.Systemd)
            services.AddHostedService<LimitsAfterReload>();
        services.AddSingleton<IContainerCgroups>(provider => cgroups.Driver == CgroupDriver.Cgroupfs
            ? provider.GetRequiredService<OciContainerCgroups>()
            : new SystemdContainerCgroups(
                provider.GetRequiredService<OciContainerCgroups>(),
                provider.GetRequiredService<CgroupHierarchy>(),
                provider.GetRequiredService<SystemdUnits>(),
                cgroups.SystemdVersion,
                provider.GetRequiredService<RuntimeSettings>()));
    }

    private static void AddNetwork(IServiceCollection services, ServerConfiguration configuration)
    {
        services.AddSingleton(provider =>
        {
            ILogger logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger<CniNetworks>();
            return new CniNetworks(DomainSettings.Cni(configuration), warning => Log.NetworkWarning(logger, warning));
        });
        services.AddSingleton<IPodNetwork, CniPodNetwork>();
        services.AddSingleton(new NodeNetworkSettings(configuration.Cni.ConfDir, configuration.Cni.Template));
        services.AddSingleton<NodeNetwork>();
        services.AddSingleton<OwedRecords>();
        services.AddSingleton<OwedDetachments>();
        services.AddSingleton<NetworkGarbage>();
    }

    private static void AddImages(IServiceCollection services, ServerConfiguration configuration)
    {
        services.AddSingleton(ImageDirectories.Under(configuration.Root));
        services.AddSingleton<StoreImages>();
        services.AddSingleton<IContainerImages>(provider => provider.GetRequiredService<StoreImages>());
        services.AddSingleton<IWritableLayers>(provider => provider.GetRequiredService<StoreImages>());
    }

    private static void AddStreaming(IServiceCollection services)
    {
        services.AddSingleton<ExecStreams>();
        services.AddSingleton<AttachStreams>();
        services.AddSingleton<PortForwards>();
        services.AddSingleton<StreamHandlers>();
        services.AddSingleton<StreamingServer>();
        services.AddSingleton<IssueStreams>();
        services.AddHostedService(provider => provider.GetRequiredService<StreamingServer>());
    }

    private static void AddNri(IServiceCollection services, ServerConfiguration configuration)
    {
        services.AddSingleton(configuration.Nri);
        services.AddSingleton<NriPlugins>();
        services.AddSingleton<ContainerEnds>();
        services.AddSingleton<NriRuntime>();
        services.AddSingleton<NriService>();
    }

    private static void AddOperations(IServiceCollection services)
    {
        services.AddSingleton<PodFiles>();
        services.AddSingleton<RunSandbox>();
        services.AddSingleton<StopSandbox>();
        services.AddSingleton<RemoveSandbox>();
        services.AddSingleton<UpdateSandbox>();
        services.AddSingleton<SandboxOperations>();
        services.AddSingleton<ContainerPreparation>();
        services.AddSingleton<ContainerSpecs>();
        services.AddSingleton<RuntimeHandlers>();
        services.AddSingleton<BinaryContainers>();
        services.AddSingleton<HookBundle>();
        services.AddSingleton<LaterHooks>();
        services.AddSingleton<KillContainer>();
        services.AddSingleton<ContainerLaunch>();
        services.AddSingleton<CreateContainer>();
        services.AddSingleton<StartContainer>();
        services.AddSingleton<StopContainer>();
        services.AddSingleton<RemoveContainer>();
        services.AddSingleton<UpdateContainer>();
        services.AddSingleton<ReopenLog>();
        services.AddSingleton<ExecLaunch>();
        services.AddSingleton<ExecSync>();
        services.AddSingleton<Criu>();
        services.AddSingleton<CheckpointDirectories>();
        services.AddSingleton<CheckpointSources>();
        services.AddSingleton<CheckpointContainer>();
        services.AddSingleton<CheckpointPod>();
        services.AddSingleton<RestorePod>();
        services.AddSingleton<CheckpointOperations>();
        services.AddSingleton<ContainerOperations>();
        services.AddSingleton<RecoveryGate>();
        services.AddSingleton<UndoContainer>();
        services.AddSingleton<UndoSandbox>();
        services.AddSingleton<Rollback>();
        services.AddSingleton<RecoverPod>();
        services.AddSingleton<RecoverState>();
    }
}
