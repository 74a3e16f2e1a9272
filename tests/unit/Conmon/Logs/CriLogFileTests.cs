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

    [Fact]
    public async Task An_outage_is_told_once_and_so_is_its_end()
    {
        string mount = _scratch.File("tiny");
        Directory.CreateDirectory(mount);
        HostMount.Tmpfs(mount, 8192, permissions: 0x1C0);
        try
        {
            Observer observer = new();
            using CriLogFile log = new(LogLocation.Of(_scratch.File("tiny/0.log"), ""), observer: observer);
            byte[] line = new byte[5000];
            line[^1] = (byte)'\n';
            for (int i = 0; i < 10; i++)
                log.Write(line);
            Assert.Equal([(LogTroubleKind.WriteFailed, Errno.ENOSPC)], observer.Told.Select(t => (t.Kind, t.Error)));
            using (FileStream file = new(_scratch.File("tiny/0.log"), FileMode.Open))
                file.SetLength(0);
            log.Write("too early to say\n"u8);
            Assert.Single(observer.Told);
            await Task.Delay(1100, TestContext.Current.CancellationToken);
            log.Write("works again\n"u8);
            log.Write("and again\n"u8);
            Assert.Equal((LogTroubleKind.Recovered, Errno.None, log.LostBytes), observer.Told[1]);
            Assert.Equal(2, observer.Told.Count);
            Assert.EndsWith("\nworks again\nand again\n", File.ReadAllText(_scratch.File("tiny/0.log")), StringComparison.Ordinal);
        }
        finally
        {
            HostMount.Detach(mount);
        }
    }

    [Fact]
    public void A_log_that_would_grow_too_large_begins_anew_at_a_whole_entry()
    {
        using CriLogFile log = Open("0.log", new LogOptions { MaxSize = 1000 });
        using FileStream reader = new(_scratch.File("0.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        string[] lines = [.. Enumerable.Range(0, 35).Select(i => $"{i:D2}{new string('x', 97)}")];
        log.Write(System.Text.Encoding.ASCII.GetBytes(string.Concat(lines.Take(3).Select(l => l + "\n"))));
        log.Write(System.Text.Encoding.ASCII.GetBytes(string.Concat(lines.Skip(3).Select(l => l + "\n"))));
        Assert.Equal(lines[30..], File.ReadAllLines(_scratch.File("0.log")));
        Assert.Equal(500, log.Size);
        // Whoever had the old one open reads it to its end.
        using StreamReader text = new(reader);
        Assert.Equal(lines[..10], text.ReadToEnd().TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void An_entry_longer_than_a_file_may_be_gets_a_file_of_its_own()
    {
        using CriLogFile log = Open("0.log", new LogOptions { MaxSize = 10 });
        log.Write("short\nmuch longer than ten\nend\n"u8);
        Assert.Equal("end\n", File.ReadAllText(_scratch.File("0.log")));
        log.Write("much longer than ten\n"u8);
        Assert.Equal("much longer than ten\n", File.ReadAllText(_scratch.File("0.log")));
    }

    [Fact]
    public void A_log_whose_name_has_become_a_directory_goes_on_in_the_old_file()
    {
        using CriLogFile log = Open("0.log", new LogOptions { MaxSize = 10 });
        log.Write("12345678\n"u8);
        File.Move(_scratch.File("0.log"), _scratch.File("1.log"));
        Directory.CreateDirectory(_scratch.File("0.log"));
        log.Write("abcdefgh\n"u8);
        Assert.Equal("12345678\nabcdefgh\n", File.ReadAllText(_scratch.File("1.log")));
    }

    [Fact]
    public void What_exceeds_the_rate_is_dropped_by_whole_lines_counted_and_told_once()
    {
        Observer observer = new();
        using CriLogFile log = new(LogLocation.Of(_scratch.File("0.log"), ""), new LogOptions { BytesPerSecond = 20_000 }, observer);
        byte[] lines = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 98) + "\n", 1000)));
        log.Write(lines);
        log.Write(lines);
        Assert.All(File.ReadAllLines(_scratch.File("0.log")), line => Assert.Equal(98, line.Length));
        Assert.InRange(log.Size, 19_800, 30_000);
        Assert.Equal(2 * lines.Length - log.Size, log.RateLimitedBytes);
        Assert.Equal(0, log.LostBytes);
        Assert.Equal(LogTroubleKind.RateLimited, Assert.Single(observer.Told).Kind);
    }

    [Theory]
    [InlineData(LogSync.Never, true)]
    [InlineData(LogSync.OnRotateAndExit, false)]
    public void Only_when_asked_for_is_a_rotated_file_synced(LogSync sync, bool dirty)
    {
        using CriLogFile log = Open("0.log", new LogOptions { Sync = sync });
        Assert.False(log.Dirty);
        log.Write("something\n"u8);
        Assert.True(log.Dirty);
        log.Reopen();
        Assert.Equal(dirty, log.Dirty);
        log.Sync();
        Assert.False(log.Dirty);
    }

    private CriLogFile Open(string name, LogOptions? options = null) => new(LogLocation.Of(_scratch.File(name), ""), options);

    private sealed class Observer : ILogObserver
    {
        internal List<(LogTroubleKind Kind, Errno Error, long LostBytes)> Told { get; } = [];

        public void OnTrouble(LogTroubleKind kind, Errno error, long lostBytes) => Told.Add((kind, error, lostBytes));
    }
}
