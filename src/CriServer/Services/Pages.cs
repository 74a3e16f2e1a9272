using Grpc.Core;

namespace CriRuntime.CriServer.Services;

/// <summary>A list in several messages.</summary>
internal static class Pages
{
    /// <summary>Objects in a message: some hundred kB of ordinary pods, far from the limit of a message even with large annotations.</summary>
    private const int Size = 200;

    /// <summary>Writes the items in order, each page when the reader has taken the one before; nothing for an empty list.</summary>
    internal static async Task WriteAsync<TItem, TPage>(IEnumerable<TItem> items, IServerStreamWriter<TPage> stream, Func<TItem[], TPage> page)
    {
        foreach (TItem[] chunk in items.Chunk(Size))
            await stream.WriteAsync(page(chunk)).ConfigureAwait(false);
    }
}
