using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>A successful reply: its payloads, one a frame, and the descriptors that came with them, which the receiver owns.</summary>
internal sealed record MonitorReply(IReadOnlyList<byte[]> Payloads, IReadOnlyList<FileDescriptor> Descriptors)
{
    internal PayloadReader Reader => new(Payloads[^1]);
}
