using System.Threading.Channels;
using CriRuntime.Linux;

namespace CriRuntime.Images.Content;

/// <summary>
/// Removes directory trees in the background, one at a time, so that no caller waits for a million files. What is not done when the process ends
/// is found again in <c>trash</c> by the next one.
/// </summary>
internal sealed class Reaper : IAsyncDisposable
{
    private readonly DirectoryFd _trash;
    private readonly DirectoryFd _spill;
    private readonly Action<string, Exception> _warn;
    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reaping;
    private long _pending;
    private TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Reaper(DirectoryFd root, Action<string, Exception> warn)
    {
        _trash = StoreDirectory.Open(root, "trash");
        _spill = StoreDirectory.Open(root, "spill");
        _warn = warn;
        foreach (string name in DurableFile.List(_trash))
        {
            Enqueue(name);
        }

        _reaping = Task.Run(ReapAsync, CancellationToken.None);
    }

    /// <summary>Takes a directory out of sight at once, and removes it later; nothing happens when there is none.</summary>
    public void Discard(DirectoryFd parent, ReadOnlySpan<byte> name)
    {
        string discarded = Guid.NewGuid().ToString("n");
        try
        {
            parent.Rename(name, _trash, System.Text.Encoding.ASCII.GetBytes(discarded));
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return;
        }

        Enqueue(discarded);
    }

    /// <summary>Completes when nothing is left to remove.</summary>
    public Task IdleAsync()
    {
        lock (_queue)
        {
            return _pending == 0 ? Task.CompletedTask : _idle.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _reaping.ConfigureAwait(false);
        _stop.Dispose();
        _trash.Dispose();
        _spill.Dispose();
    }

    private void Enqueue(string name)
    {
        lock (_queue)
        {
            _pending++;
        }

        if (!_queue.Writer.TryWrite(name))
        {
            Done(); // being disposed: the next process finds it
        }
    }

    private async Task ReapAsync()
    {
        Reap(() => StoreDirectory.Empty(_spill, _spill));
        await foreach (string name in _queue.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            Reap(() => TreeRemoval.Remove(_trash, name, _spill, _stop.Token));
            Done();
        }
    }

    private void Reap(Action remove)
    {
        try
        {
            remove();
        }
        catch (OperationCanceledException)
        {
            return; // being disposed
        }
        catch (IOException e)
        {
            _warn("removing unused files of the image store", e);
        }
    }

    private void Done()
    {
        lock (_queue)
        {
            if (--_pending == 0)
            {
                _idle.SetResult();
                _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
