namespace CriRuntime.OciCli.Tests;

public sealed class TerminalTests : IDisposable
{
    private readonly Bundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public async Task A_terminal_goes_to_the_console_socket_and_controls_the_process()
    {
        using ConsoleListener listener = new(Path.Combine(bundle.Directory, "console"));
        bundle.Process = bundle.Process with { Terminal = true, ConsoleSize = new() { Height = 33, Width = 99 } };
        Task<Linux.FileDescriptor> received = listener.ReceiveAsync();
        bundle.Create("(tty; stty size; ls -l /proc/self/fd/0; echo > /dev/tty && echo controlled; stat -c %F /dev/console) > /data/out 2>&1", "--console-socket", listener.Path).Succeeded();
        Assert.False((await received).IsInvalid);
        bundle.Command("start", bundle.Id).Succeeded();
        await bundle.WaitForStatus(Oci.Specs.ContainerStatus.Stopped);
        string output = File.ReadAllText(Path.Combine(bundle.Rootfs, "data/out"));
        Assert.StartsWith("/dev/pts/0\n33 99\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_without_a_place_to_send_it_is_refused()
    {
        bundle.Process = bundle.Process with { Terminal = true };
        bundle.Run("true").Failed("--console-socket");
    }
}
