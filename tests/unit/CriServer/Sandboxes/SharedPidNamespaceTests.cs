using System.Diagnostics;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Tests.Sandboxes;

/// <summary>Needs root, for a pid namespace.</summary>
public sealed class SharedPidNamespaceTests : IDisposable
{
    private readonly string _pin = Path.GetTempFileName();

    public void Dispose()
    {
        new HostMounts().Unmount(_pin);
        File.Delete(_pin);
    }

    [Fact]
    public async Task What_lives_in_the_pinned_namespace_is_killed()
    {
        using Process unshare = Process.Start("unshare", ["--pid", "--fork", "sleep", "60"]);
        string children = $"/proc/{unshare.Id}/task/{unshare.Id}/children";
        for (int i = 0; i < 500 && File.ReadAllText(children).Length == 0; i++)
            await Task.Delay(10);
        using (Process mount = Process.Start("mount", ["--bind", $"/proc/{File.ReadAllText(children).Trim()}/ns/pid", _pin]))
            await mount.WaitForExitAsync();
        SharedPidNamespace.End(_pin);
        await unshare.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.NotEqual(0, unshare.ExitCode);
    }

    [Fact]
    public void The_hosts_own_namespace_and_a_missing_one_are_left_alone()
    {
        SharedPidNamespace.End("/proc/self/ns/pid");
        SharedPidNamespace.End(_pin + ".missing");
        SharedPidNamespace.End(_pin);
    }
}
