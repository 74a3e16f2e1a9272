namespace CriRuntime.Streaming.Http;

/// <summary>The bytes of a connection after its upgrade.</summary>
internal interface IUpgradedTransport
{
    Stream Stream { get; }

    /// <summary>Ends the connection at once; reads and writes that wait fail. May be called at any time, more than once.</summary>
    void Abort();

    /// <summary>Whether the peer has closed or vanished, as far as this can be told without reading.</summary>
    bool PeerHasClosed();
}
