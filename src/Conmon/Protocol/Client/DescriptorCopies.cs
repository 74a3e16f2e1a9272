using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// Duplicates of descriptors that a request carries, for a request that may outlive its caller's wait: the caller closes its own when it gives up,
/// and a number that is sent after that may be anything that was opened meanwhile, handed to a container.
/// </summary>
internal sealed class DescriptorCopies : IDisposable
{
    private readonly List<FileDescriptor> _copies = [];

    /// <summary>Null stands for a descriptor that the request does not have.</summary>
    internal DescriptorCopies(params ReadOnlySpan<FileDescriptor?> descriptors)
    {
        try
        {
            foreach (FileDescriptor? descriptor in descriptors)
            {
                if (descriptor is not null)
                    _copies.Add(descriptor.Duplicate());
            }
        }
        catch (LinuxException)
        {
            Dispose();
            throw;
        }
    }

    internal IReadOnlyList<FileDescriptor> All => _copies;

    public void Dispose()
    {
        foreach (FileDescriptor copy in _copies)
            copy.Dispose();
    }
}
