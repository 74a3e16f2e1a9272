using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Events;
using CriRuntime.CriServer.Images;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Services;
using CriRuntime.Images;
using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;

namespace CriRuntime.CriServer.Hosting;

/// <summary>The daemon put together: configuration in, a server that only needs to be run out.</summary>
internal static class ServerApplication
{
    /// <summary>Opens the stores and publishes the state on disk, so that the first List already answers rightly.</summary>
    internal static async Task<WebApplication> CreateAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        CreateDirectories(configuration);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "criruntime" });
        LineLoggerProvider logs = new(Console.OpenStandardError(), configuration.Log, TimeProvider.System);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(logs);
        builder.Logging.SetMinimumLevel(LogLevels.Parse(configuration.Log.Level) ?? LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        builder.WebHost.UseKestrelCore().ListenGrpcUnixSocket(configuration.SocketPath());
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc =>
        {
            // From the outside in: errors become statuses first, and the others see those.
            grpc.Interceptors.Add<MetricsInterceptor>();
            grpc.Interceptors.Add<LoggingInterceptor>();
            grpc.Interceptors.Add<TracingInterceptor>();
            grpc.Interceptors.Add<ExceptionInterceptor>();
        });

        ILogger storeLog = logs.CreateLogger(typeof(ImageStore).FullName!);
        ImageStore images = await ImageStore.OpenAsync(ImageStoreSettings.From(configuration, storeLog), cancellationToken);
        builder.Services.AddSingleton(images);
        SystemdUnits units = new();
        builder.Services.AddSingleton(_ => units); // by a factory: what the container makes it also disposes
        CgroupDriverChoice cgroups = await CgroupDriverChoice.MakeAsync(configuration.Cgroup, CgroupHierarchy.Detect(), units, cancellationToken);
        ILogger driverLog = logs.CreateLogger(typeof(CgroupDriverChoice).FullName!);
        Log.CgroupDriver(driverLog, cgroups.Driver, cgroups.Reason);
        builder.Services.AddDomain(configuration, cgroups);

        WebApplication server = builder.Build();
        server.MapGrpcService<RuntimeService>(Runtime.V1.RuntimeService.BindService);
        server.MapGrpcService<ImageService>(Runtime.V1.ImageService.BindService);
        server.MapGrpcService<AdminService>(Admin.V1.AdminService.BindService);
        server.Services.GetRequiredService<RecoverState>().Publish();
        // Streams of events have no end of their own; the shutdown would wait for them.
        server.Lifetime.ApplicationStopping.Register(server.Services.GetRequiredService<ContainerEvents>().Dispose);
        return server;
    }

    private static void CreateDirectories(ServerConfiguration configuration)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (string directory in new[] { configuration.Root, configuration.Run })
        {
            Directory.CreateDirectory(directory, Private);
            File.SetUnixFileMode(directory, Private); // it may be older than this rule (CVE-2024-25621)
        }

        Directory.CreateDirectory(Path.GetDirectoryName(configuration.SocketPath())!);
    }
}
