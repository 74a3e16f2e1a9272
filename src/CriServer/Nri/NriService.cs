using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Services;
using CriRuntime.Nri.Plugins;
using CriRuntime.Nri.Validation;

namespace CriRuntime.CriServer.Nri;

/// <summary>Begins and ends the work with NRI plugins, where the configuration wants it.</summary>
public sealed class NriService(NriConfiguration configuration, NriPlugins plugins, NriRuntime runtime, ContainerEnds ends, ILogger<PluginHost> logger)
    : IAsyncDisposable
{
    private PluginHost? _host;

    /// <summary>Returns when the installed plugins are synchronized or given up. To be called when the state is known, and before anything changes.</summary>
    public async Task StartAsync()
    {
        if (!configuration.Enable)
            return;
        _host = new PluginHost(Options(configuration), runtime, logger);
        plugins.Attach(_host, runtime);
        ends.Watch();
        await _host.StartAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static PluginHostOptions Options(NriConfiguration c) => new()
    {
        RuntimeVersion = RuntimeVersion.Text,
        SocketPath = c.DisableConnections ? null : c.Socket,
        PluginDirectory = c.PluginDir,
        ConfigDirectory = c.ConfigDir,
        RequestTimeout = TimeSpan.FromSeconds(c.RequestTimeoutSeconds),
        RegistrationTimeout = TimeSpan.FromSeconds(c.RegistrationTimeoutSeconds),
        DefaultValidator = c.DefaultValidator is { Enable: true } v
            ? new DefaultValidatorOptions
            {
                RejectOciHookAdjustment = v.RejectOciHooks,
                RejectRuntimeDefaultSeccompAdjustment = v.RejectRuntimeDefaultSeccomp,
                RejectUnconfinedSeccompAdjustment = v.RejectUnconfinedSeccomp,
                RejectCustomSeccompAdjustment = v.RejectCustomSeccomp,
                RejectNamespaceAdjustment = v.RejectNamespaces,
                RejectSysctlAdjustment = v.RejectSysctls,
                RequiredPlugins = v.RequiredPlugins,
                TolerateMissingPluginsAnnotation = v.TolerateMissingPluginsAnnotation,
            }
            : null,
    };
}
