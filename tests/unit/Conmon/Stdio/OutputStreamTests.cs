using System.Text;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Stdio;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Stdio;

public sealed class OutputStreamTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly EventLoop _loop = new();
    private readonly CopyBuffers _buffers = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Lines_that_arrive_in_pieces_are_logged_whole()
    {
        string[] entries = Copy("he", "llo\nwor", "ld\n");
        Assert.Equal(["stdout F hello", "stdout F world"], entries);
    }

    [Fact]
    public void What_is_left_at_the_end_is_logged_as_partial()
    {
        Assert.Equal(["stdout F done", "stdout P no newline"], Copy("done\nno ", "newline"));
    }

    [Fact]
    public void A_line_longer_than_the_buffer_goes_on_in_the_next_entry()
    {
        string[] entries = Copy(new string('a', 20_000), new string('a', 20_000) + "\n");
        Assert.Equal(["P", "P", "F"], entries.Select(entry => entry.Split(' ')[1]));
        Assert.Equal(new string('a', 40_000), string.Concat(entries.Select(entry => entry.Split(' ', 3)[2])));
    }

    [Fact]
    public void Output_without_a_log_is_read_and_dropped()
    {
        Pipe pipe = Pipe.Create();
        OutputStream stream = new(_loop, _buffers, pipe.Read, LogStream.Stdout, log: null);
        pipe.Write.WriteAll("nobody listens\n"u8);
        pipe.Write.Dispose();
        stream.Drain(1000);
        stream.Drain(1000);
        Assert.True(stream.Ended);
    }

    [Fact]
    public void Draining_does_not_wait_for_a_writer_that_stays()
    {
        using CriLogFile log = new(LogLocation.Of(_scratch.File("0.log"), ""));
        Pipe pipe = Pipe.Create();
        using OutputStream stream = new(_loop, _buffers, pipe.Read, LogStream.Stderr, log);
        pipe.Write.WriteAll("last words\n"u8);
        stream.Drain(1000);
        Assert.False(stream.Ended);
        Assert.EndsWith("stderr F last words\n", File.ReadAllText(_scratch.File("0.log")), StringComparison.Ordinal);
        pipe.Write.Dispose();
    }

    [Fact]
    public void Copying_allocates_nothing_once_it_is_under_way()
    {
        using CriLogFile log = new(LogLocation.Of(_scratch.File("0.log"), ""));
        Pipe pipe = Pipe.Create();
        using OutputStream stream = new(_loop, _buffers, pipe.Read, LogStream.Stdout, log);
        byte[] output = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a line of plain text\n", 100)) + "and a rest");
        Step();
        Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        pipe.Write.Dispose();

        void Step()
        {
            pipe.Write.WriteAll(output);
            stream.OnReady(Readiness.Readable);
        }
    }

    private string[] Copy(params string[] writes)
    {
        using CriLogFile log = new(LogLocation.Of(_scratch.File("0.log"), ""));
        Pipe pipe = Pipe.Create();
        OutputStream stream = new(_loop, _buffers, pipe.Read, LogStream.Stdout, log);
        foreach (string write in writes)
        {
            pipe.Write.WriteAll(Encoding.ASCII.GetBytes(write));
            stream.OnReady(Readiness.Readable);
        }

        pipe.Write.Dispose();
        stream.OnReady(Readiness.HungUp);
        Assert.True(stream.Ended);
        return [.. File.ReadAllLines(_scratch.File("0.log")).Select(line => line[(CriTimestamp.Length + 1)..])];
    }
}
