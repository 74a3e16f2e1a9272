namespace CriRuntime.Nri.Ttrpc;

/// <summary>A call was answered, with an error.</summary>
/// <param name="code">A gRPC status code.</param>
internal sealed class TtrpcException(int code, string message) : Exception(message)
{
    internal int Code => code;
}
