using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Logs;

public sealed class CriLogFileTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Entries_are_appended_to_a_file_that_others_cannot_read()
    {
        File.WriteAllText(_scratch.File("0.log"), "older\n");
        File.Delete(_scratch.File("fresh.log"));
        using (CriLogFile old = Open("0.log"))
            old.Write("newer\n"u8);
        using (CriLogFile fresh = Open("fresh.log"))
            fresh.Write("first\n"u8);
        Assert.Equal("older\nnewer\n", File.ReadAllText(_scratch.File("0.log")));
        UnixFileMode mode = File.GetUnixFileMode(_scratch.File("fresh.log"));
        Assert.Equal(UnixFileMode.None, mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
    }

    [Fact]
    public void Rotation_loses_and_doubles_no_line()
    {
        using CriLogFile log = Open("0.log");
        for (int i = 0; i < 1000; i++)
        {
            if (i % 100 == 50)
            {
                File.Move(_scratch.File("0.log"), _scratch.File($"rotated.{i:D4}"));
                log.Reopen();
            }

            log.Write(System.Text.Encoding.ASCII.GetBytes($"line {i}\n"));
        }

        string[] files = [.. Directory.GetFiles(_scratch.Path, "rotated.*").Order(), _scratch.File("0.log")];
        Assert.Equal(11, files.Length);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"line {i}"), files.SelectMany(File.ReadAllLines));
    }

    [Fact]
    public void When_the_new_file_cannot_be_opened_the_old_one_stays_in_use()
    {
        using CriLogFile log = Open("0.log");
        File.Move(_scratch.File("0.log"), _scratch.File("1.log"));
        Directory.CreateDirectory(_scratch.File("0.log"));
        Assert.Throws<MonitorException>(log.Reopen);
        log.Write("still here\n"u8);
        Assert.Equal("still here\n", File.ReadAllText(_scratch.File("1.log")));
    }

    [Fact]
    public void A_full_disk_costs_only_what_did_not_fit_and_the_next_line_is_whole()
    {
        string mount = _scratch.File("tiny");
        Directory.CreateDirectory(mount);
        HostMount.Tmpfs(mount, 64 * 1024, permissions: 0x1C0);
        try
        {
            using CriLogFile log = Open("tiny/0.log");
            byte[] line = new byte[999];
            Array.Fill(line, (byte)'x');
            line[^1] = (byte)'\n';
            for (int i = 0; i < 100; i++)
                log.Write(line);
            Assert.Equal(Errno.ENOSPC, log.Failure);
            Assert.InRange(log.LostBytes, 30_000, 40_000);

            File.Move(_scratch.File("tiny/0.log"), _scratch.File("rotated.log"));
            log.Write("after\n"u8);
            Assert.Equal(Errno.ENOSPC, log.Failure);
            log.Reopen();
            log.Write("after\n"u8);
            Assert.Equal(Errno.None, log.Failure);
            Assert.Equal("after\n", File.ReadAllText(_scratch.File("tiny/0.log")));
        }
        finally
        {
            HostMount.Detach(mount);
        }
    }

    [Fact]
    public void An_entry_that_a_full_disk_tore_is_ended_before_the_next()
    {
        string mount = _scratch.File("tiny");
        Directory.CreateDirectory(mount);
        HostMount.Tmpfs(mount, 8192, permissions: 0x1C0);
        try
        {
            using CriLogFile log = Open("tiny/0.log");
            byte[] line = new byte[5000];
            Array.Fill(line, (byte)'x');
            line[^1] = (byte)'\n';
            log.Write(line);
            log.Write(line);
            Assert.Equal(Errno.ENOSPC, log.Failure);
            // The administrator makes room.
            using (FileStream file = new(_scratch.File("tiny/0.log"), FileMode.Open))
                file.SetLength(6000);
            log.Write("next\n"u8);
            string[] lines = File.ReadAllLines(_scratch.File("tiny/0.log"));
            Assert.Equal([4999, 1000, 4], lines.Select(l => l.Length));
            Assert.Equal("next", lines[2]);
        }
        finally
        {
            HostMount.Detach(mount);
        }
    }

    private CriLogFile Open(string name) => new(LogLocation.Of(_scratch.File(name), ""));
}
