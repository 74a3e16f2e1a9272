using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Protocol;

public sealed class CancelledRequestTests
{
    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Theory]
    [InlineData(MessageType.Exec)]
    [InlineData(MessageType.Attach)]
    public async Task What_was_opened_after_a_caller_gave_up_is_never_sent_in_place_of_the_caller_s_descriptor(MessageType type)
    {
        using SilentMonitor monitor = new();
        await using MonitorClient client = await monitor.ConnectAsync(_limit);
        int inTheWay = await FillAsync(client);

        Pipe pipe = Pipe.Create();
        int number = pipe.Write.Number;
        using CancellationTokenSource patience = new();
        Task asking = type == MessageType.Exec
            ? client.ExecAsync(new ExecRequest("web", new byte[8]) { Stdout = pipe.Write }, patience.Token)
            : client.AttachAsync(new AttachRequest("web") { Stdout = pipe.Write }, patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        pipe.Write.Dispose();
        using Reuse others = new(number);

        for (int i = 0; i < inTheWay; i++)
            await monitor.ReceiveAsync(_limit);
        (FrameHeader header, _, List<FileDescriptor> descriptors) = await monitor.ReceiveAsync(_limit);
        Assert.Equal(type, header.Type);
        descriptors[^1].WriteAll("still the caller's pipe"u8);
        descriptors.ForEach(descriptor => descriptor.Dispose());
        byte[] read = new byte[64];
        pipe.Read.SetNonBlocking();
        Assert.Equal(23, pipe.Read.Read(read));
        pipe.Read.Dispose();
    }

    /// <summary>Sends until the monitor's queue is full.</summary>
    /// <returns>How many requests lie in it or wait for room.</returns>
    private static async Task<int> FillAsync(MonitorClient client)
    {
        const int Requests = 40;
        string large = new('x', 60_000);
        for (int i = 0; i < Requests; i++)
            _ = client.ReopenLogAsync(large, CancellationToken.None).ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
        await Task.Yield();
        return Requests;
    }

    /// <summary>Opens files until one has the number.</summary>
    private sealed class Reuse : IDisposable
    {
        private readonly List<FileDescriptor> _files = [];

        internal Reuse(int number)
        {
            do
                _files.Add(MemoryFile.Create("secret", "secret"u8));
            while (_files[^1].Number < number);
        }

        public void Dispose() => _files.ForEach(file => file.Dispose());
    }
}
