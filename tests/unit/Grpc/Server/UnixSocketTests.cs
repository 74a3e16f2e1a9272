using System.Net.Sockets;
using System.Runtime.Versioning;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;

namespace Grpc.Tests.Server;

[SupportedOSPlatform("linux")]
public sealed class UnixSocketTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("grpc");

    private string SocketPath => Path.Combine(_directory.FullName, "a.sock");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Owner_and_group_may_connect_and_nobody_else()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        Assert.Equal(UnixSocketFile.DefaultMode, File.GetUnixFileMode(server.SocketPath));
    }

    [Fact]
    public async Task The_file_is_gone_after_a_clean_stop()
    {
        await using WebApplication app = EchoServer.Build(SocketPath);
        await app.StartAsync();
        Assert.True(File.Exists(SocketPath));
        await app.StopAsync();
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task A_socket_of_a_dead_server_is_replaced()
    {
        LeaveDeadSocket();
        await using WebApplication app = EchoServer.Build(SocketPath);
        await app.StartAsync();
        await app.StopAsync();
    }

    [Fact]
    public async Task A_living_server_is_not_replaced()
    {
        await using WebApplication living = EchoServer.Build(SocketPath);
        await living.StartAsync();
        await using WebApplication second = EchoServer.Build(SocketPath);
        IOException refusal = await Assert.ThrowsAsync<IOException>(() => second.StartAsync());
        Assert.Contains(SocketPath, refusal.Message, StringComparison.Ordinal);
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await probe.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await living.StopAsync();
    }

    [Fact]
    public async Task Of_many_servers_that_start_at_once_exactly_one_wins()
    {
        LeaveDeadSocket();
        WebApplication[] apps = [.. Enumerable.Range(0, 4).Select(_ => EchoServer.Build(SocketPath))];
        Exception?[] results = await Task.WhenAll(apps.Select(app => Task.Run(async () => await Record.ExceptionAsync(() => app.StartAsync()))));
        Assert.Single(results, result => result is null);
        foreach (WebApplication app in apps) await app.DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_left_alone()
    {
        await File.WriteAllTextAsync(SocketPath, "precious");
        await using WebApplication app = EchoServer.Build(SocketPath);
        await Assert.ThrowsAsync<IOException>(() => app.StartAsync());
        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath));
    }

    [Fact]
    public void A_path_that_no_socket_can_have_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => EchoServer.Build("relative.sock"));
        Assert.Throws<ArgumentException>(() => EchoServer.Build("/" + new string('x', 107)));
    }

    private void LeaveDeadSocket()
    {
        string elsewhere = Path.Combine(_directory.FullName, "b.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(elsewhere));
            File.Move(elsewhere, SocketPath); // so that closing does not remove it
        }

        Assert.True(File.Exists(SocketPath));
    }
}
