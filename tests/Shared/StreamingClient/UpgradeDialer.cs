using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CriRuntime.Streaming.Client;

/// <summary>The answer to a request for an upgrade; with status 101 the socket is the upgraded connection.</summary>
internal sealed record UpgradeResponse(Socket Socket, int Status, IReadOnlyDictionary<string, string> Headers) : IDisposable
{
    public void Dispose() => Socket.Dispose();
}

/// <summary>Asks for an HTTP/1.1 upgrade, reading not one byte beyond the answer's headers.</summary>
internal static class UpgradeDialer
{
    internal static async Task<UpgradeResponse> DialAsync(EndPoint server, string pathAndQuery, string method, IEnumerable<(string Name, string Value)> headers, CancellationToken token)
    {
        Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, token);
            StringBuilder request = new($"{method} {pathAndQuery} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n");
            foreach ((string name, string value) in headers)
                request.Append(name).Append(": ").Append(value).Append("\r\n");
            request.Append("\r\n");
            await socket.SendAsync(Encoding.ASCII.GetBytes(request.ToString()), token);
            return Parse(socket, await ReadHeadAsync(socket, token));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string> ReadHeadAsync(Socket socket, CancellationToken token)
    {
        byte[] one = new byte[1];
        StringBuilder head = new();
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            if (await socket.ReceiveAsync(one, token) == 0)
                throw new IOException($"The server closed the connection after '{head}'.");
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static UpgradeResponse Parse(Socket socket, string head)
    {
        string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1))
        {
            string name = line[..line.IndexOf(':')];
            string value = line[(name.Length + 1)..].Trim();
            headers[name] = headers.TryGetValue(name, out string? before) ? $"{before}, {value}" : value;
        }

        return new UpgradeResponse(socket, int.Parse(lines[0].Split(' ')[1]), headers);
    }
}
