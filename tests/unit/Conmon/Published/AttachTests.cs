using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class AttachTests
{
    [Fact]
    public async Task One_who_attaches_before_the_start_sees_everything_and_then_the_end()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", "sh", "-c", "seq 1 50000; echo err >&2");
        using Client client = await Client.AttachAsync(pod, "c1", stderr: true);
        Task<string> stdout = client.ReadStdoutAsync();
        Task<string> stderr = client.ReadStderrAsync();
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        Assert.Equal(string.Concat(Enumerable.Range(1, 50_000).Select(i => $"{i}\n")), await stdout.WaitAsync(Pod.Limit));
        Assert.Equal("err\n", await stderr.WaitAsync(Pod.Limit));
        AttachmentEnd end = await client.Attachment.Ended.WaitAsync(Pod.Limit);
        Assert.False(end.Dropped);
        Assert.Equal(50_000, pod.Log("c1").Length);
    }

    [Fact]
    public async Task One_who_attaches_later_sees_what_comes_from_then_on()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await CreateWithStdinAsync(pod, "c1", once: true, "sh", "-c", "echo before; read x; echo after $x");
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        await LifecycleTests.WaitForAsync(() => pod.Log("c1").Length == 1);
        using Client client = await Client.AttachAsync(pod, "c1", stdin: true);
        client.Type("this\n");
        Assert.Equal("after this\n", await client.ReadStdoutAsync().WaitAsync(Pod.Limit));
        Assert.Equal(["before", "after this"], pod.Log("c1"));
    }

    [Fact]
    public async Task A_hundred_clients_at_once_all_get_everything()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", "seq", "1", "20000");
        Client[] clients = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Client.AttachAsync(pod, "c1")));
        Task<string>[] reading = [.. clients.Select(client => client.ReadStdoutAsync())];
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        string expected = string.Concat(Enumerable.Range(1, 20_000).Select(i => $"{i}\n"));
        foreach (string output in await Task.WhenAll(reading).WaitAsync(Pod.Limit))
            Assert.Equal(expected, output);
        foreach (Client client in clients)
            client.Dispose();
    }

    [Fact]
    public async Task With_stdin_once_the_end_of_the_first_clients_input_is_the_containers()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await CreateWithStdinAsync(pod, "c1", once: true, "cat");
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        using Client client = await Client.AttachAsync(pod, "c1", stdin: true);
        Task<string> echo = client.ReadStdoutAsync();
        client.Type("to the end\n");
        client.CloseStdin();
        Assert.Equal("to the end\n", await echo.WaitAsync(Pod.Limit));
        Assert.Equal(0, (await pod.ExitOfAsync("c1")).ExitCode);
    }

    [Fact]
    public async Task Without_stdin_once_stdin_stays_open_for_the_next_client()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await CreateWithStdinAsync(pod, "c1", once: false, "cat");
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        for (int i = 0; i < 3; i++)
        {
            using Client client = await Client.AttachAsync(pod, "c1", stdin: true);
            client.Type($"client {i}\n");
            Assert.Equal($"client {i}\n", await client.ReadUntilAsync("\n"));
        }

        Assert.Equal(MonitoredState.Running, (await pod.Monitor.ListAsync(Pod.Limit))[0].State);
        Assert.Equal(["client 0", "client 1", "client 2"], pod.Log("c1"));
    }

    [Fact]
    public async Task Detaching_leaves_stdin_open_even_with_stdin_once()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await CreateWithStdinAsync(pod, "c1", once: true, "cat");
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        using Client first = await Client.AttachAsync(pod, "c1", stdin: true);
        await first.Attachment.DetachAsync(Pod.Limit);
        Assert.Equal("", await first.ReadStdoutAsync().WaitAsync(Pod.Limit));
        Assert.Equal("detached", (await first.Attachment.Ended.WaitAsync(Pod.Limit)).Reason);
        using Client second = await Client.AttachAsync(pod, "c1", stdin: true);
        second.Type("still here\n");
        Assert.Equal("still here\n", await second.ReadUntilAsync("\n"));
    }

    [Fact]
    public async Task A_terminal_is_typed_into_and_resized_while_attached()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await CreateWithStdinAsync(pod, "c1", once: false, terminal: true, "sh", "-c", "stty -echo; echo ready; read x; stty size; echo got $x");
        using Client client = await Client.AttachAsync(pod, "c1", stdin: true, stderr: true);
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        await client.ReadUntilAsync("ready");
        await pod.Monitor.ResizeAsync("c1", 132, 43, Pod.Limit);
        client.Type("word\n");
        Assert.Equal("43 132\r\ngot word\r\n", (await client.ReadStdoutAsync().WaitAsync(Pod.Limit)).TrimStart('\r', '\n'));
        Assert.Equal("", await client.ReadStderrAsync().WaitAsync(Pod.Limit));
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_dropped_and_holds_up_nobody()
    {
        await using Pod pod = await Pod.LaunchAsync();
        // Twice what pipe and queue hold.
        await pod.CreateAsync("c1", "sh", "-c", "yes | head -c 40000000");
        using Client slow = await Client.AttachAsync(pod, "c1");
        using Client quick = await Client.AttachAsync(pod, "c1");
        Task<string> reading = quick.ReadStdoutAsync();
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        Assert.Equal(0, (await pod.ExitOfAsync("c1")).ExitCode);
        AttachmentEnd end = await slow.Attachment.Ended.WaitAsync(Pod.Limit);
        Assert.True(end.Dropped);
        Assert.Contains("does not keep up", end.Reason, StringComparison.Ordinal);
        Assert.Equal(20_000_000, pod.LogLines("c1").Length);
        Assert.Equal(40_000_000, (await reading.WaitAsync(Pod.Limit)).Length);
        Assert.Equal(1, (await pod.Monitor.ListAsync(Pod.Limit))[0].DroppedAttachments);
    }

    [Fact]
    public async Task A_reader_that_is_slow_but_not_too_slow_gets_everything_even_after_the_end()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", "sh", "-c", "yes | head -c 10000000");
        using Client client = await Client.AttachAsync(pod, "c1");
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        await pod.ExitOfAsync("c1");
        await pod.Monitor.DeleteContainerAsync("c1", Pod.Limit);
        Assert.Equal(10_000_000, (await client.ReadStdoutAsync().WaitAsync(Pod.Limit)).Length);
        Assert.False((await client.Attachment.Ended.WaitAsync(Pod.Limit)).Dropped);
    }

    [Fact]
    public async Task A_client_that_goes_is_noticed_without_output_and_costs_nothing_afterwards()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await CreateWithStdinAsync(pod, "c1", once: false, "sleep", "1000");
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        int before = Descriptors(pod);
        for (int i = 0; i < 20; i++)
        {
            Client client = await Client.AttachAsync(pod, "c1", stdin: true, stderr: true);
            client.Dispose();
            Assert.False((await client.Attachment.Ended.WaitAsync(Pod.Limit)).Dropped);
        }

        Assert.Equal(before, Descriptors(pod));
        Assert.InRange(await CpuWhileIdleAsync(pod), 0, 50);
    }

    [Fact]
    public async Task Input_that_the_container_does_not_read_makes_the_writer_wait()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await CreateWithStdinAsync(pod, "c1", once: true, "sleep", "1000");
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        using Client client = await Client.AttachAsync(pod, "c1", stdin: true, stdout: false);
        client.Stdin.SetNonBlocking();
        byte[] block = new byte[4096];
        long written = 0;
        for (int quiet = 0; quiet < 20;)
        {
            int taken = client.Stdin.TryWrite(block, out _);
            written += Math.Max(0, taken);
            quiet = taken > 0 ? 0 : quiet + 1;
            if (taken <= 0)
                await Task.Delay(5, Pod.Limit);
        }

        // Two pipes of 64 KiB and the buffer between.
        Assert.InRange(written, 64 * 1024, 256 * 1024);
        // Nor does the end of input that waits there make the monitor turn in circles.
        client.CloseStdin();
        Assert.InRange(await CpuWhileIdleAsync(pod), 0, 50);
    }

    [Fact]
    public async Task Attachments_that_make_no_sense_are_refused_and_leave_nothing()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunAsync("c1", "sleep", "1000");
        int before = Descriptors(pod);
        await Refused(MonitorErrorKind.WrongState, () => Client.AttachAsync(pod, "c1", stdin: true));
        await Refused(MonitorErrorKind.NotFound, () => Client.AttachAsync(pod, "nobody"));
        await Refused(MonitorErrorKind.InvalidRequest, () => Client.AttachAsync(pod, "c1", stdout: false));
        using FileDescriptor file = MemoryFile.Create("no pipe", "x"u8);
        await Refused(MonitorErrorKind.Internal, () => pod.Monitor.AttachAsync(new AttachRequest("c1") { Stdout = file }, Pod.Limit));
        // The answer comes before the descriptors of a refused request are closed.
        await LifecycleTests.WaitForAsync(() => Descriptors(pod) == before);
        await pod.RunToEndAsync("c2", "true");
        await Refused(MonitorErrorKind.WrongState, () => Client.AttachAsync(pod, "c2"));
    }

    /// <summary>CVE-2025-64329 of another runtime: goroutines of attaches around failed starts stayed for ever.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Attaching_and_resizing_around_failed_starts_leaves_memory_and_descriptors_flat(bool terminal)
    {
        await using Pod pod = await Pod.LaunchAsync();
        long memory = 0;
        int descriptors = 0;
        for (int i = 0; i < 150; i++)
        {
            if (i == 50)
                (memory, descriptors) = (await PrivateKilobytesAsync(pod), Descriptors(pod));
            await CreateWithStdinAsync(pod, "c1", once: true, terminal, "/no/such/program");
            using Client client = await Client.AttachAsync(pod, "c1", stdin: true);
            if (terminal)
                await pod.Monitor.ResizeAsync("c1", 80 + (i % 10), 24, Pod.Limit);
            await Refused(MonitorErrorKind.LaunchFailed, () => pod.Monitor.StartContainerAsync("c1", Pod.Limit));
            Assert.False((await client.Attachment.Ended.WaitAsync(Pod.Limit)).Dropped);
            await pod.Monitor.DeleteContainerAsync("c1", Pod.Limit);
        }

        Assert.Equal(descriptors, Descriptors(pod));
        Assert.InRange(await PrivateKilobytesAsync(pod), 0, memory + 100);
    }

    private static Task<int> CreateWithStdinAsync(Pod pod, string id, bool once, params string[] command) =>
        CreateWithStdinAsync(pod, id, once, terminal: false, command);

    private static Task<int> CreateWithStdinAsync(Pod pod, string id, bool once, bool terminal, params string[] command) =>
        pod.CreateAsync(id, terminal, command, configure: request => request with { Stdin = true, StdinOnce = once });

    private static int Descriptors(Pod pod) => Directory.GetFileSystemEntries($"/proc/{pod.Monitor.Pid}/fd").Length;

    /// <summary>After the monitor was idle, when it has given back what it does not need.</summary>
    private static async Task<long> PrivateKilobytesAsync(Pod pod)
    {
        await Task.Delay(1500, Pod.Limit);
        string line = File.ReadLines($"/proc/{pod.Monitor.Pid}/smaps_rollup").First(l => l.StartsWith("Private_Dirty:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary>Milliseconds of processor time within half a second.</summary>
    private static async Task<double> CpuWhileIdleAsync(Pod pod)
    {
        using System.Diagnostics.Process monitor = System.Diagnostics.Process.GetProcessById(pod.Monitor.Pid);
        TimeSpan before = monitor.TotalProcessorTime;
        await Task.Delay(500, Pod.Limit);
        monitor.Refresh();
        return (monitor.TotalProcessorTime - before).TotalMilliseconds;
    }

    private static async Task Refused(MonitorErrorKind kind, Func<Task> request) =>
        Assert.Equal(kind, (await Assert.ThrowsAsync<MonitorException>(request)).Kind);
}
