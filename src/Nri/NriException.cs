namespace CriRuntime.Nri;

/// <summary>Plugins stand in the way of a request: one refuses it, two contradict each other, or a validator rejects the outcome. The message names them.</summary>
public sealed class NriException : Exception
{
    public NriException(string message)
        : base(message)
    {
    }

    public NriException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
