namespace CriRuntime.Linux.Tests.Io;

public sealed class DescriptorStreamTests
{
    [Fact]
    public async Task A_read_waits_for_what_is_written_later()
    {
        (DescriptorStream reader, DescriptorStream writer) = Open();
        using (reader)
        using (writer)
        {
            byte[] buffer = new byte[16];
            ValueTask<int> read = reader.ReadAsync(buffer);
            Assert.False(read.IsCompleted);
            await writer.WriteAsync("hello"u8.ToArray());
            Assert.Equal(5, await read);
            Assert.Equal("hello"u8.ToArray(), buffer[..5]);
        }
    }

    [Fact]
    public async Task Ten_megabytes_pass_through_a_small_pipe_whole_and_in_order()
    {
        (DescriptorStream reader, DescriptorStream writer) = Open();
        byte[] sent = new byte[10 << 20];
        new Random(1).NextBytes(sent);
        Task writing = Task.Run(async () =>
        {
            await writer.WriteAsync(sent);
            await writer.DisposeAsync();
        });
        MemoryStream received = new();
        await reader.CopyToAsync(received);
        await writing;
        Assert.Equal(sent, received.ToArray());
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task The_end_is_read_as_0_bytes()
    {
        (DescriptorStream reader, DescriptorStream writer) = Open();
        using (reader)
        {
            ValueTask<int> read = reader.ReadAsync(new byte[1]);
            await writer.DisposeAsync();
            Assert.Equal(0, await read);
        }
    }

    [Fact]
    public async Task A_write_that_nobody_will_read_fails()
    {
        (DescriptorStream reader, DescriptorStream writer) = Open();
        using (writer)
        {
            await reader.DisposeAsync();
            IOException failure = await Assert.ThrowsAsync<IOException>(async () => await writer.WriteAsync("x"u8.ToArray()));
            Assert.Contains("EPIPE", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Closing_ends_a_read_that_waits()
    {
        (DescriptorStream reader, DescriptorStream writer) = Open();
        using (writer)
        {
            ValueTask<int> read = reader.ReadAsync(new byte[1]);
            await reader.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await read);
        }
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        (DescriptorStream reader, DescriptorStream writer) = Open();
        using (reader)
        using (writer)
        {
            using CancellationTokenSource cancelled = new();
            ValueTask<int> read = reader.ReadAsync(new byte[8], cancelled.Token);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);
            await writer.WriteAsync("kept"u8.ToArray());
            byte[] buffer = new byte[8];
            Assert.Equal(4, await reader.ReadAsync(buffer));
        }
    }

    [Fact]
    public async Task A_closed_terminal_is_not_resized_for_its_number_may_be_anothers()
    {
        (DescriptorStream reader, DescriptorStream writer) = Open();
        await writer.DisposeAsync();
        await reader.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => reader.Resize(80, 24));
    }

    private static (DescriptorStream Reader, DescriptorStream Writer) Open()
    {
        Pipe pipe = Pipe.Create();
        return (new DescriptorStream(pipe.Read), new DescriptorStream(pipe.Write));
    }
}
