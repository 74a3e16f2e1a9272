using System.Net.Sockets;
using System.Text;
using CriRuntime.CriServer.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace CriRuntime.CriServer.Tests.Hosting;

/// <summary>The daemon's side of sd_notify(3), with a socket of the test in systemd's place.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("notify").FullName;
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
    private readonly FakeLifetime _lifetime = new();

    public void Dispose()
    {
        _systemd.Dispose();
        _lifetime.Dispose();
        Directory.Delete(_directory, true);
    }

    [Fact]
    public async Task Says_ready_only_once_the_socket_is_open_and_stopping_at_the_end()
    {
        using ServiceManager manager = Start(Path.Combine(_directory, "notify"));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(0, _systemd.Available);
        _lifetime.Started.Cancel();
        Assert.StartsWith("READY=1\n", Receive());
        _lifetime.Stopping.Cancel();
        Assert.StartsWith("STOPPING=1\n", Receive());
        await manager.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_watchdog_gets_a_sign_of_life_again_and_again()
    {
        using ServiceManager manager = Start("@criruntime-test-" + Guid.NewGuid().ToString("N"), ("WATCHDOG_USEC", "20000"), ("WATCHDOG_PID", $"{Environment.ProcessId}"));
        _lifetime.Started.Cancel();
        Assert.StartsWith("READY=1\n", Receive());
        Assert.Equal("WATCHDOG=1", Receive());
        Assert.Equal("WATCHDOG=1", Receive());
        await manager.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_listener_that_is_gone_does_not_end_the_daemon()
    {
        using ServiceManager manager = Start(Path.Combine(_directory, "notify"), ("WATCHDOG_USEC", "10000"));
        _systemd.Dispose();
        File.Delete(Path.Combine(_directory, "notify"));
        _lifetime.Started.Cancel();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(manager.ExecuteTask!.IsCompleted);
        await manager.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("1000000", null, 1.0)]
    [InlineData("1000000", "7", 1.0)]
    [InlineData("1000000", "8", null)]
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void The_watchdog_is_the_one_of_this_process(string? microseconds, string? pid, double? seconds) =>
        Assert.Equal(seconds, ServiceManager.WatchdogInterval(name => name == "WATCHDOG_USEC" ? microseconds : pid, 7)?.TotalSeconds);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vsock:2:1234")]
    public void Without_a_socket_of_this_machine_there_is_nobody_to_tell(string? socket) => Assert.Null(ServiceManager.Address(socket));

    private ServiceManager Start(string socket, params (string Name, string Value)[] variables)
    {
        _systemd.Bind(ServiceManager.Address(socket)!);
        Dictionary<string, string> environment = variables.ToDictionary(v => v.Name, v => v.Value);
        environment["NOTIFY_SOCKET"] = socket;
        ServiceManager manager = new(_lifetime, environment.GetValueOrDefault, NullLogger<ServiceManager>.Instance);
        _ = manager.StartAsync(TestContext.Current.CancellationToken);
        return manager;
    }

    private string Receive()
    {
        byte[] message = new byte[500];
        return Encoding.UTF8.GetString(message, 0, _systemd.Receive(message));
    }

    private sealed class FakeLifetime : IHostApplicationLifetime, IDisposable
    {
        internal CancellationTokenSource Started { get; } = new();

        internal CancellationTokenSource Stopping { get; } = new();

        public CancellationToken ApplicationStarted => Started.Token;

        public CancellationToken ApplicationStopping => Stopping.Token;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => Stopping.Cancel();

        public void Dispose()
        {
            Started.Dispose();
            Stopping.Dispose();
        }
    }
}
