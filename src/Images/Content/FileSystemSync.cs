using CriRuntime.Linux;

namespace CriRuntime.Images.Content;

/// <summary>
/// Makes everything written so far durable by one syncfs, which costs far less than an fsync per file. Callers that come while one runs share the next.
/// </summary>
internal sealed class FileSystemSync(DirectoryFd directory)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Task? _next;

    /// <summary>Completes when all that was written before this call is on disk.</summary>
    public Task SyncAsync()
    {
        lock (_gate)
        {
            return _next ??= SyncAfterAsync(_running);
        }
    }

    private async Task SyncAfterAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task sync;
        lock (_gate)
        {
            _next = null;
            _running = sync = Task.Run(directory.SyncFileSystem);
        }

        await sync.ConfigureAwait(false);
    }
}
