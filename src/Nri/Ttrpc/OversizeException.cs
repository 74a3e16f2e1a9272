namespace CriRuntime.Nri.Ttrpc;

/// <summary>A request is larger than a message may be, and was not sent.</summary>
internal sealed class OversizeException(int size) : Exception($"the request has {size} bytes, and {Ttrpc.Message.MaxPayload} are allowed")
{
    internal int Size => size;
}
