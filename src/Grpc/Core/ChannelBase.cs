namespace Grpc.Core;

/// <summary>A way to one server.</summary>
public abstract class ChannelBase
{
    protected ChannelBase(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>The server's address as the channel was made with it.</summary>
    public string Target { get; }

    public abstract CallInvoker CreateCallInvoker();
}
