using System.Buffers;
using System.Runtime.CompilerServices;

namespace CriRuntime.Images.Registry.Http;

/// <summary>A response and where it came from in the end.</summary>
/// <param name="Message">Owned.</param>
/// <param name="Source">The URL that answered, after redirects.</param>
/// <param name="FromRegistry">False when a redirect led to another origin: its words are not the registry's.</param>
internal sealed record RegistryResponse(HttpResponseMessage Message, Uri Source, bool FromRegistry) : IDisposable
{
    public int Status => (int)Message.StatusCode;

    public string Host => Source.Authority;

    public void Dispose() => Message.Dispose();

    /// <summary>The whole body; null when it is longer than <paramref name="limit"/> bytes.</summary>
    public async Task<byte[]?> ReadBodyAsync(int limit, CancellationToken cancellationToken)
    {
        if (Message.Content.Headers.ContentLength > limit)
            return null;
        Stream body = await Message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = body.ConfigureAwait(false);
        ArrayBufferWriter<byte> bytes = new(8192);
        while (true)
        {
            int room = (int)Math.Min(64 << 10, limit + 1L - bytes.WrittenCount);
            int read = await body.ReadAsync(bytes.GetMemory(room)[..room], cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return bytes.WrittenSpan.ToArray();
            bytes.Advance(read);
            if (bytes.WrittenCount > limit)
                return null;
        }
    }
}
