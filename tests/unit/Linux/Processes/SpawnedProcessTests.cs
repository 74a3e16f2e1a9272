namespace CriRuntime.Linux.Tests.Processes;

public sealed class SpawnedProcessTests
{
    [Fact]
    public async Task The_exit_status_of_a_program_is_reported()
    {
        using SpawnedProcess process = SpawnedProcess.Start(new SpawnOptions("/bin/sh", ["sh", "-c", "exit 7"]));
        Assert.Equal(7, (await process.Exited).ExitCode);
    }

    [Fact]
    public async Task A_signal_reaches_the_program_and_is_reported_as_128_plus_its_number()
    {
        using SpawnedProcess process = SpawnedProcess.Start(new SpawnOptions("/bin/sleep", ["sleep", "100"]));
        Assert.True(process.Signal(15));
        ExitStatus status = await process.Exited;
        Assert.Equal(15, status.Signal);
        Assert.Equal(143, status.ExitCode);
    }

    [Fact]
    public async Task Descriptors_arrive_under_their_places_even_when_the_numbers_cross()
    {
        Pipe output = Pipe.Create();
        Pipe extra = Pipe.Create();
        using (SpawnedProcess process = SpawnedProcess.Start(
            new SpawnOptions("/bin/sh", ["sh", "-c", "echo out; echo extra >&3; ls /proc/self/fd | wc -l"])
            {
                Descriptors = [null, output.Write, null, extra.Write],
            }))
        {
            output.Write.Dispose();
            extra.Write.Dispose();
            Assert.Equal(0, (await process.Exited).ExitCode);
        }

        Assert.Equal("extra\n", ReadText(extra.Read));
        // 0..3 and the one that ls itself opened.
        Assert.Equal("out\n5\n", ReadText(output.Read));
    }

    [Fact]
    public async Task Environment_directory_and_session_are_those_asked_for()
    {
        Pipe output = Pipe.Create();
        using SpawnedProcess process = SpawnedProcess.Start(
            new SpawnOptions("/bin/sh", ["sh", "-c", "echo $WORD; pwd; read -r _ _ _ _ _ sid _ < /proc/self/stat; test $sid = $$ && echo leader"])
            {
                Environment = ["WORD=blue", "PATH=/bin:/usr/bin"],
                WorkingDirectory = "/usr",
                NewSession = true,
                Descriptors = [null, output.Write, null],
            });
        output.Write.Dispose();
        await process.Exited;
        Assert.Equal("blue\n/usr\nleader\n", ReadText(output.Read));
    }

    [Fact]
    public void A_missing_program_is_named_with_the_reason()
    {
        LinuxException e = Assert.Throws<LinuxException>(() => SpawnedProcess.Start(new SpawnOptions("/nowhere/program", ["program"])));
        Assert.Equal(Errno.ENOENT, e.Errno);
        Assert.Contains("/nowhere/program", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hundreds_of_short_programs_are_all_reaped()
    {
        Task<ExitStatus>[] exits = new Task<ExitStatus>[200];
        for (int i = 0; i < exits.Length; i++)
        {
            using SpawnedProcess process = SpawnedProcess.Start(new SpawnOptions("/bin/true", ["true"]));
            exits[i] = process.Exited;
        }

        ExitStatus[] statuses = await Task.WhenAll(exits).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.All(statuses, status => Assert.Equal(0, status.ExitCode));
    }

    private static string ReadText(FileDescriptor fd)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        while (fd.Read(buffer.AsSpan(length)) is int read and > 0)
            length += read;
        fd.Dispose();
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }
}
