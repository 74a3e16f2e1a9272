using System.Globalization;
using System.Text.Json.Nodes;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>Images whose configuration and account files were made to have their containers be root, or the daemon fall.</summary>
public sealed class HostileImageTests : IAsyncLifetime
{
    private const string Hostile = "localhost/hostile:1";

    private Daemon _daemon = null!;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("hostile");
        _pod = _daemon.Pod("hostile");
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Theory]
    [InlineData("4294967296")] // wraps to 0 in 32 bits (CVE-2024-40635)
    [InlineData("4294967295")] // -1, which setresuid(2) takes for "leave as it is"
    [InlineData("2147483648")]
    [InlineData("-1")]
    [InlineData("1000:4294967296")]
    [InlineData("overflowing")]
    [InlineData("nobody-here")]
    public async Task A_user_out_of_range_or_unknown_is_refused_and_leaves_nothing(string user)
    {
        await ImportAsync(user);
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(_podId, _pod, Container("id")));
        Assert.Empty((await _daemon.Runtime.ListContainersAsync(new ListContainersRequest())).Containers);
    }

    [Theory]
    [InlineData(4294967296)]
    [InlineData(4294967295)]
    [InlineData(-1)]
    public async Task So_is_one_of_the_request(long user)
    {
        await ImportAsync("");
        ContainerConfig config = Container("id");
        config.Linux.SecurityContext.RunAsUser = new Int64Value { Value = user };
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(_podId, _pod, config));
        config.Linux.SecurityContext.RunAsUser.Value = 1000;
        config.Linux.SecurityContext.SupplementalGroups.Add(user);
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(_podId, _pod, config));
    }

    // CVE-2026-46680: runAsNonRoot is satisfied by a number, which the image's /etc/passwd then makes root's name.
    [Fact]
    public async Task A_number_is_never_taken_for_the_name_of_root()
    {
        await ImportAsync("1000");
        Assert.Equal("1000\n", (await _daemon.RunToEndAsync(_podId, _pod, Container("id", "-u"))).Output);
    }

    // CVE-2022-4318, CVE-2026-15809: what breaks out of a line makes another line in /etc/passwd, or another variable.
    [Fact]
    public async Task A_home_with_a_line_break_is_no_home_and_a_variable_with_one_stays_one()
    {
        await ImportAsync("creeping", "MULTI=first\nINJECTED=yes");
        (_, string output) = await _daemon.RunToEndAsync(_podId, _pod, Container("sh", "-c", "echo \"home=$HOME\"; echo \"injected=$INJECTED\"; cat /etc/passwd | wc -l"));
        Assert.StartsWith("home=/\ninjected=\n", output, StringComparison.Ordinal);
        Assert.EndsWith("\n5\n", output, StringComparison.Ordinal); // as in the image
    }

    // CVE-2025-4437
    [Theory]
    [InlineData("passwd")]
    [InlineData("group")]
    public async Task An_account_file_of_a_gigabyte_is_refused_without_being_read(string name)
    {
        await ImportAsync("web");
        string file = Assert.Single(Directory.GetFiles(Path.Combine(_daemon.Root, "images", "l"), name, SearchOption.AllDirectories));
        await using (FileStream sparse = File.OpenWrite(file))
            sparse.SetLength(1L << 30);
        long before = await PeakAsync();
        string why = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(_podId, _pod, Container("id")));
        Assert.Contains("/etc/" + name, why, StringComparison.Ordinal);
        Assert.InRange(await PeakAsync() - before, 0, 64 << 10);
    }

    [Fact]
    public async Task An_account_file_that_is_a_fifo_holds_nobody_up()
    {
        await ImportAsync("web");
        string file = Assert.Single(Directory.GetFiles(Path.Combine(_daemon.Root, "images", "l"), "passwd", SearchOption.AllDirectories));
        File.Delete(file);
        await Shell.RunAsync("mkfifo", file);
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(_podId, _pod, Container("id")).WaitAsync(Wait.Limit));
    }

    // CVE-2022-27652: a program with file capabilities would get what is inheritable.
    [Theory]
    [InlineData("add")]
    [InlineData("privileged")]
    [InlineData("exec")]
    public async Task No_capability_is_inheritable(string how)
    {
        await ImportAsync("");
        PodSandboxConfig pod = _daemon.Pod("caps");
        pod.Linux.SecurityContext.Privileged = how == "privileged";
        string podId = await _daemon.RunPodAsync(pod);
        ContainerConfig config = Container("sleep", "1000");
        config.Linux.SecurityContext.Privileged = how == "privileged";
        config.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "NET_ADMIN", "SYS_PTRACE" } };
        string id = await _daemon.StartNewAsync(podId, pod, config);
        string process = how == "exec" ? "self" : "1";
        Assert.Contains("CapInh:\t0000000000000000", await _daemon.ExecTextAsync(id, "cat", $"/proc/{process}/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ambient_capabilities_reach_a_user_who_is_not_root_and_are_all_that_is_inherited()
    {
        await ImportAsync("web");
        ContainerConfig config = Container("cat", "/proc/self/status");
        config.Linux.SecurityContext.Capabilities = new Capability { DropCapabilities = { "ALL" }, AddAmbientCapabilities = { "NET_BIND_SERVICE" } };
        (_, string status) = await _daemon.RunToEndAsync(_podId, _pod, config);
        foreach (string set in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
            Assert.Contains($"{set}:\t0000000000000400", status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NET_ADMlN")]
    [InlineData("CAP_CAP_KILL")]
    [InlineData("")]
    [InlineData("SYS_ADMIN ")]
    [InlineData("21")]
    public async Task An_invalid_capability_name_is_refused(string name)
    {
        await ImportAsync("");
        foreach (Capability capability in new[] { new Capability { AddCapabilities = { name } }, new Capability { DropCapabilities = { name } }, new Capability { AddAmbientCapabilities = { name } } })
        {
            ContainerConfig config = Container("id");
            config.Linux.SecurityContext.Capabilities = capability;
            await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(_podId, _pod, config));
        }
    }

    private static ContainerConfig Container(params string[] command)
    {
        ContainerConfig config = Cri.Container("main", command);
        config.Image.Image = Hostile;
        return config;
    }

    private Task ImportAsync(string user, string variable = "A=b") => _daemon.ImportAsync(Hostile, TestImages.Busybox(
        new JsonObject { ["User"] = user, ["Env"] = new JsonArray("PATH=/bin", variable) },
        image => image.AddFile(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home:/bin/sh\n1000:x:0:0:root:/root:/bin/sh\n"
            + "overflowing:x:4294967296:0:root:/root:/bin/sh\ncreeping:x:1001:1001::/home\rINJECTED=yes:/bin/sh\n")));

    /// <summary>The daemon's greatest resident memory so far, in KiB (proc(5), VmHWM).</summary>
    private async Task<long> PeakAsync() => long.Parse(
        (await File.ReadAllLinesAsync($"/proc/{_daemon.Pid}/status")).Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);
}
