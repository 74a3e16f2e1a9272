using CriRuntime.CriServer.Streaming;

namespace CriRuntime.CriServer.Tests.Streaming;

public sealed class DetachableInputTests
{
    private const string P = "\u0010";
    private const string Q = "\u0011";

    [Theory]
    [InlineData("ls\n", "", "ls\n", false)]
    [InlineData("a" + P + Q + "b", "", "a", true)]
    [InlineData("a" + P, Q + "b", "a", true)]
    [InlineData("a" + P, "b", "a" + P + "b", false)]
    [InlineData(P + P, Q, P, true)]
    [InlineData("a" + P, "", "a" + P, false)]
    [InlineData(Q, P, Q + P, false)]
    public async Task The_detach_keys_end_the_input_and_all_else_passes(string first, string second, string passes, bool detaches)
    {
        TaskCompletionSource detached = new();
        await using DetachableInput input = new(new Reads(first, second), detached);
        MemoryStream received = new();
        await input.CopyToAsync(received);
        Assert.Equal(passes, System.Text.Encoding.ASCII.GetString(received.ToArray()));
        Assert.Equal(detaches, detached.Task.IsCompleted);
    }

    /// <summary>One read after the other, as keys come.</summary>
    private sealed class Reads(params string[] reads) : MemoryStream
    {
        private readonly Queue<string> _reads = new(reads.Where(read => read.Length > 0));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(_reads.TryDequeue(out string? read) ? System.Text.Encoding.ASCII.GetBytes(read, buffer.Span) : 0);
    }
}
