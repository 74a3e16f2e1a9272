using CriRuntime.Images.Manifests;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Tests.Registry;

internal static class StreamReading
{
    public static async Task<byte[]> ReadAllAsync(this Stream stream, CancellationToken cancellationToken = default)
    {
        await using (stream)
        {
            using MemoryStream all = new();
            await stream.CopyToAsync(all, cancellationToken);
            return all.ToArray();
        }
    }

    public static async Task<byte[]> ReadBlobAsync(this IBlobSource source, Descriptor blob, long offset = 0) =>
        await (await source.OpenBlobAsync(blob, offset, CancellationToken.None)).ReadAllAsync();
}
