using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Events;
using CriRuntime.CriServer.Images;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.State;
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
        StateDirectories directories = new(configuration.Root, configuration.Run);
        directories.Prepare();
        Directory.CreateDirectory(Path.GetDirectoryName(configuration.SocketPath())!);
        LineLoggerProvider logs = new(Console.OpenStandardError(), configuration.Log, TimeProvider.System);

        // The disk is read on other processors while the server is put together here.
        Task<SavedState> saved = Task.Run(new StateReader(directories, logs.CreateLogger(typeof(StateReader).FullName!)).Read, cancellationToken);
        Task<ImageStore> images = ImageStore.OpenAsync(ImageStoreSettings.From(configuration, logs.CreateLogger(typeof(ImageStore).FullName!)), cancellationToken);

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "criruntime" });
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

        SystemdUnits units = new();
        builder.Services.AddSingleton(_ => units); // by a factory: what the container makes it also disposes
        CgroupDriverChoice cgroups = await CgroupDriverChoice.MakeAsync(configuration.Cgroup, CgroupHierarchy.Detect(), units, cancellationToken);
        ILogger driverLog = logs.CreateLogger(typeof(CgroupDriverChoice).FullName!);
        Log.CgroupDriver(driverLog, cgroups.Driver, cgroups.Reason);
        builder.Services.AddDomain(configuration, cgroups);
        builder.Services.AddSingleton(await images);

        WebApplication server = builder.Build();
        server.MapGrpcService<RuntimeService>(Runtime.V1.RuntimeService.BindService);
        server.MapGrpcService<ImageService>(Runtime.V1.ImageService.BindService);
        server.MapGrpcService<AdminService>(Admin.V1.AdminService.BindService);
        server.Services.GetRequiredService<RecoverState>().Publish(await saved);
        // Streams of events have no end of their own; the shutdown would wait for them.
        server.Lifetime.ApplicationStopping.Register(server.Services.GetRequiredService<ContainerEvents>().Dispose);
        return server;
    }
}
