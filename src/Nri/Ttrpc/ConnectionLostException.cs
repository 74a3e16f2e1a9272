namespace CriRuntime.Nri.Ttrpc;

/// <summary>A call was not answered: the connection ended, or the time allowed is over.</summary>
internal sealed class ConnectionLostException : Exception
{
    public ConnectionLostException(string message)
        : base(message)
    {
    }

    public ConnectionLostException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
