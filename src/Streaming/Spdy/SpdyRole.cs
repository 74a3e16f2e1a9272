namespace CriRuntime.Streaming.Spdy;

/// <summary>Which side a connection is: clients open streams with odd ids, servers would with even ones.</summary>
internal enum SpdyRole
{
    Server,
    Client,
}
