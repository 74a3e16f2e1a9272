using System.Globalization;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class SandboxTests : IDisposable
{
    private readonly string scratch = Directory.CreateTempSubdirectory("cri-oci-sandbox-").FullName;
    private int init;

    private string Pins => Path.Combine(scratch, "ns");

    public void Dispose()
    {
        if (init > 0)
            CriOci.RunProgram("/bin/kill", ["-KILL", $"{init}"]);
        if (Directory.Exists(Pins))
        {
            foreach (string pin in Directory.EnumerateFiles(Pins))
                CriOci.RunProgram("/bin/umount", [pin]);
        }
        Directory.Delete(scratch, recursive: true);
    }

    [Fact]
    public void Pinned_namespaces_outlive_the_process_that_made_them()
    {
        Launch(Request() with { Hostname = "pod-a", Sysctls = new Dictionary<string, string> { ["net.ipv4.ip_unprivileged_port_start"] = "7" } });
        string output = Inside("hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; cat /sys/class/net/lo/flags 2>/dev/null; ping -c 1 -W 1 127.0.0.1 >/dev/null && echo lo is up").Succeeded();
        Assert.StartsWith("pod-a\n7\n", output, StringComparison.Ordinal);
        Assert.EndsWith("lo is up\n", output, StringComparison.Ordinal);
        Assert.NotEqual("pod-a\n", File.ReadAllText("/proc/sys/kernel/hostname"));
    }

    [Fact]
    public void A_failure_unpins_everything()
    {
        PlanFile.Launch(SandboxPlanner.PlanSandbox(Request() with { Sysctls = new Dictionary<string, string> { ["net.no.such.parameter"] = "1" } }), scratch)
            .Failed("create sandbox pod", "set sysctl net.no.such.parameter=1", "ENOENT");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Pins));
        Assert.DoesNotContain(Pins, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_process_of_a_shared_pid_namespace_reaps_and_ends_on_SIGTERM()
    {
        init = Launch(Request() with { Pid = true });
        Assert.Equal("cri-pod-init\n", File.ReadAllText($"/proc/{init}/comm"));
        // An orphan becomes its child, and does not stay as a zombie.
        CriOci.RunProgram("/usr/bin/nsenter", [$"--pid={Pins}/pid", "/bin/sh", "-c", "(sleep 0.2 &) ; exit 0"]).Succeeded();
        await Task.Delay(600);
        Assert.Equal("", File.ReadAllText($"/proc/{init}/task/{init}/children"));
        CriOci.RunProgram("/bin/kill", ["-TERM", $"{init}"]).Succeeded();
        for (int i = 0; i < 100 && IsRunning(init); i++)
            await Task.Delay(20);
        Assert.False(IsRunning(init));
        init = 0;
    }

    [Fact]
    public void The_first_process_of_a_shared_pid_namespace_has_nothing_worth_taking()
    {
        init = Launch(Request() with { Pid = true });
        string status = File.ReadAllText($"/proc/{init}/status");
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("Uid:\t65534\t65534\t65534\t65534", status, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"/proc/{init}/root/"));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"/proc/{init}/fd"));
    }

    [Fact]
    public void A_pod_can_have_a_user_namespace_that_owns_the_rest()
    {
        init = Launch(Request() with { Pid = true, UidMappings = [new IdMapping { HostId = 100_000, Size = 65_536 }], GidMappings = [new IdMapping { HostId = 100_000, Size = 65_536 }] });
        Assert.Equal(["ipc", "net", "pid", "user", "uts"], Directory.EnumerateFiles(Pins).Select(static p => Path.GetFileName(p)).Order());
        Assert.Contains("100000", File.ReadAllText($"/proc/{init}/uid_map"), StringComparison.Ordinal);
    }

    private SandboxNamespaces Request() => new()
    {
        PodId = "pod",
        PinDirectory = Pins,
        Host = HostFacts.Detect(),
        Network = true,
        Ipc = true,
        Uts = true,
    };

    private int Launch(SandboxNamespaces request) =>
        int.Parse(PlanFile.Launch(SandboxPlanner.PlanSandbox(request), scratch).Succeeded(), CultureInfo.InvariantCulture);

    private Outcome Inside(string script) =>
        CriOci.RunProgram("/usr/bin/nsenter", [$"--net={Pins}/net", $"--uts={Pins}/uts", $"--ipc={Pins}/ipc", "/bin/busybox", "sh", "-c", script]);

    private static bool IsRunning(int pid) =>
        File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
}
