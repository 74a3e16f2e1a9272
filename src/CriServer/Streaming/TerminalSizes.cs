using System.Threading.Channels;
using CriRuntime.Linux;
using CriRuntime.Streaming;

namespace CriRuntime.CriServer.Streaming;

/// <summary>Passes a client's terminal sizes on.</summary>
internal static class TerminalSizes
{
    /// <summary>Ends with the client's sizes, or with the terminal.</summary>
    internal static async Task FollowAsync(ChannelReader<TerminalSize> sizes, Action<TerminalSize> resize)
    {
        try
        {
            await foreach (TerminalSize size in sizes.ReadAllAsync().ConfigureAwait(false))
            {
                if (size is { Width: > 0, Height: > 0 })
                    resize(size);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or LinuxException)
        {
            // The terminal is closed: its command has ended.
        }
    }
}
