using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>A client's address in gRPC's notation.</summary>
internal static class PeerAddress
{
    internal static string Describe(ConnectionInfo connection) => connection.RemoteIpAddress switch
    {
        null => "unix:",
        { AddressFamily: AddressFamily.InterNetworkV6 } address => $"ipv6:[{address}]:{connection.RemotePort}",
        IPAddress address => $"ipv4:{address}:{connection.RemotePort}",
    };
}
