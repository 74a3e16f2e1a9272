using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class LifecycleTests : IDisposable
{
    private readonly Bundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public async Task A_created_container_waits_and_runs_only_when_started()
    {
        bundle.Create("echo started; sleep 60").Succeeded();
        Assert.Contains("\"status\": \"created\"", bundle.Status(), StringComparison.Ordinal);
        await Task.Delay(100);
        Assert.Equal("", bundle.Written);
        bundle.Command("start", bundle.Id).Succeeded();
        Assert.True(await bundle.WaitForStatus(ContainerStatus.Running));
        for (int i = 0; i < 100 && bundle.Written.Length == 0; i++)
            await Task.Delay(20);
        Assert.Equal("started\n", bundle.Written);
        bundle.Command("kill", bundle.Id, "KILL").Succeeded();
        Assert.True(await bundle.WaitForStatus(ContainerStatus.Stopped));
        bundle.Command("delete", bundle.Id).Succeeded();
        bundle.Command("state", bundle.Id).Failed("does not exist");
    }

    [Fact]
    public void A_container_is_started_only_once()
    {
        bundle.Create("sleep 60").Succeeded();
        bundle.Command("start", bundle.Id).Succeeded();
        bundle.Command("start", bundle.Id).Failed("cannot be started", "running");
    }

    [Fact]
    public void A_running_container_is_not_deleted_without_force()
    {
        bundle.Create("sleep 60").Succeeded();
        bundle.Command("start", bundle.Id).Succeeded();
        bundle.Command("delete", bundle.Id).Failed("running", "--force");
        bundle.Command("delete", "--force", bundle.Id).Succeeded();
        bundle.Command("delete", "--force", bundle.Id).Succeeded();
    }

    [Fact]
    public void A_name_in_use_is_refused_and_the_container_unharmed()
    {
        bundle.Create("sleep 60").Succeeded();
        bundle.Create("sleep 60").Failed("exists already");
        Assert.Contains("\"status\": \"created\"", bundle.Status(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_pid_file_has_the_pid_of_the_state()
    {
        string file = Path.Combine(bundle.Directory, "pid");
        bundle.Create("sleep 60", "--pid-file", file).Succeeded();
        Assert.Contains($"\"pid\": {File.ReadAllText(file)},", bundle.Status(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_detached_run_goes_on_by_itself()
    {
        bundle.Process = bundle.Process with { Args = ["/bin/sh", "-c", "sleep 60"] };
        bundle.Command("state", bundle.Id).Failed();
        CriOci.RunProgram("/bin/sh", ["-c", $"exec {CriOci.Path} --root {bundle.Root} run -d -b {bundle.Directory} {bundle.Id} </dev/null >/dev/null 2>&1"]).Succeeded();
        Assert.True(await bundle.WaitForStatus(ContainerStatus.Running));
        Assert.Equal(bundle.Id + "\n", bundle.Command("list", "-q").Succeeded());
    }

    [Fact]
    public async Task A_foreground_run_passes_signals_on()
    {
        bundle.Process = bundle.Process with { Args = ["/bin/sh", "-c", "trap 'echo got it; exit 3' TERM; echo ready; while :; do sleep 0.05; done"] };
        bundle.Command("state", bundle.Id).Failed();
        using System.Diagnostics.Process run = CriOci.Start(CriOci.Path, ["--root", bundle.Root, "run", "-b", bundle.Directory, bundle.Id]);
        Assert.Equal("ready", await run.StandardOutput.ReadLineAsync());
        await Task.Delay(300); // the handlers are set shortly after the container's process runs
        CriOci.RunProgram("/bin/kill", ["-TERM", $"{run.Id}"]);
        Assert.Equal("got it", await run.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.True(run.WaitForExit(10_000));
        Assert.Equal(3, run.ExitCode);
    }

    [Fact]
    public void Many_containers_run_one_after_the_other_without_a_trace()
    {
        for (int i = 0; i < 30; i++)
            bundle.Run("true").Succeeded();
        Assert.Empty(Directory.EnumerateFileSystemEntries(bundle.Root));
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("with space")]
    public void A_name_that_could_leave_the_state_directory_is_refused(string id) =>
        bundle.Command("run", "-b", bundle.Directory, id).Failed("container id");
}
