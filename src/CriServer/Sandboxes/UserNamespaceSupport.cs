using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>Whether pods can have user namespaces on this host. What Status says and what RunPodSandbox refuses comes from here.</summary>
/// <param name="probe">Asks the host; null where nothing stands in the way, else the reason. Asked once.</param>
public sealed class UserNamespaceSupport(Func<Task<string?>> probe)
{
    private readonly Lazy<Task<string?>> _obstacle = new(probe);

    /// <summary>Null: they can.</summary>
    public Task<string?> ObstacleAsync() => _obstacle.Value;

    /// <exception cref="CriException">FailedPrecondition with the reason, where the pod wants what the host can't.</exception>
    public async Task EnsureAsync(NamespaceOptions options)
    {
        if (options.OwnUserNamespace is not null && await ObstacleAsync().ConfigureAwait(false) is { } obstacle)
            throw CriException.FailedPrecondition($"namespace_options.userns_options: this host can't give pods user namespaces: {obstacle}");
    }
}
