namespace CriRuntime.Nri;

/// <summary>The other side broke the rules of the wire: a frame too large, a type nobody knows, an answer that nobody waits for, a flood.</summary>
internal sealed class ProtocolException : Exception
{
    public ProtocolException(string message)
        : base(message)
    {
    }

    public ProtocolException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
