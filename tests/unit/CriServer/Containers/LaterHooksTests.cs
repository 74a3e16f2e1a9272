using System.Text;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Containers;

/// <summary>poststart and poststop, asked for by a device.</summary>
public sealed class LaterHooksTests : IDisposable
{
    private readonly Daemon _daemon = new();

    private string Log => Path.Join(_daemon.Base, "hooks.log");

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task They_run_after_start_and_removal_with_the_containers_state_in_its_bundle()
    {
        Device(("poststart", $"(echo poststart; pwd; cat) >> {Log}", 0), ("poststop", $"(echo poststop; ls; cat) >> {Log}", 0));
        string id = await CreateAsync();
        Assert.False(File.Exists(Log));
        await _daemon.Start.ExecuteAsync(id, CancellationToken.None);
        Container running = _daemon.State.Containers.Get(id);
        string[] lines = await File.ReadAllLinesAsync(Log);
        Assert.Equal(["poststart", _daemon.State.Directories.Bundle(running.SandboxId, id)], lines[..2]);
        ContainerState state = SpecJson.ParseState(Encoding.UTF8.GetBytes(lines[2]));
        Assert.Equal((id, ContainerStatus.Running, running.Pid), (state.Id, state.Status, state.Pid));

        File.Delete(Log);
        await _daemon.Remove.ExecuteAsync(id, CancellationToken.None);
        lines = await File.ReadAllLinesAsync(Log);
        Assert.Equal(["poststop", "config.json"], lines[..2]);
        state = SpecJson.ParseState(Encoding.UTF8.GetBytes(lines[2]));
        Assert.Equal((id, ContainerStatus.Stopped, null), (state.Id, state.Status, state.Pid));
        Assert.False(Directory.Exists(state.Bundle));
    }

    [Fact]
    public async Task A_poststart_hook_that_fails_ends_the_container_and_the_rest_do_not_run()
    {
        Device(("poststart", "echo broken device >&2; exit 9", 0), ("poststart", $"echo second >> {Log}", 0));
        string id = await CreateAsync();
        CriException e = await Assert.ThrowsAsync<CriException>(() => _daemon.Start.ExecuteAsync(id, CancellationToken.None));
        Assert.Contains("hook poststart /bin/sh failed with exit status 9: broken device", e.Message, StringComparison.Ordinal);
        Container container = _daemon.State.Containers.Get(id);
        Assert.Equal((ContainerPhase.Exited, "StartError", 128), (container.Phase, container.Reason, container.ExitCode));
        Assert.Contains("kill", _daemon.Launcher.Launched[0].Calls);
        Assert.False(File.Exists(Log));
    }

    [Fact]
    public async Task A_hook_that_hangs_is_killed_when_its_time_is_up()
    {
        Device(("poststart", "sleep 1000", 1));
        string id = await CreateAsync();
        CriException e = await Assert.ThrowsAsync<CriException>(() => _daemon.Start.ExecuteAsync(id, CancellationToken.None));
        Assert.Contains("did not end within 1 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_poststop_hook_that_fails_keeps_neither_the_next_nor_the_removal()
    {
        Device(("poststop", "exit 3", 0), ("poststop", $"echo second >> {Log}", 0));
        string id = await CreateAsync();
        await _daemon.Remove.ExecuteAsync(id, CancellationToken.None);
        Assert.Equal("second\n", await File.ReadAllTextAsync(Log));
        Assert.Empty(_daemon.State.Containers.Current);
    }

    [Fact]
    public async Task A_container_that_comes_to_nothing_has_its_poststop_hooks_run()
    {
        Device(("poststop", $"echo undone >> {Log}", 0));
        string pod = await _daemon.RunAsync();
        _daemon.Launcher.Launched[0].Before["create"] = () => throw new IOException("no room");
        await Assert.ThrowsAsync<IOException>(() => _daemon.Create.ExecuteAsync(pod, Config(), CancellationToken.None));
        Assert.Equal("undone\n", await File.ReadAllTextAsync(Log));
        Assert.Empty(_daemon.State.Containers.Current);
    }

    private static ContainerConfig Config() => Daemon.ContainerConfig() with { CdiDevices = ["vendor.com/hooked=all"] };

    private async Task<string> CreateAsync() => await _daemon.Create.ExecuteAsync(await _daemon.RunAsync(), Config(), CancellationToken.None);

    /// <summary>A device whose hooks are shell scripts; a timeout of 0 is none.</summary>
    private void Device(params (string Kind, string Script, int Timeout)[] hooks)
    {
        IEnumerable<string> lines = hooks.Select(hook => $"""
              - hookName: {hook.Kind}
                path: /bin/sh
                args: ["sh", "-c", "{hook.Script}"]
                env: ["PATH=/usr/bin:/bin"]
            {(hook.Timeout > 0 ? $"    timeout: {hook.Timeout}" : "")}
            """);
        Directory.CreateDirectory(Path.Join(_daemon.Base, "cdi"));
        File.WriteAllText(Path.Join(_daemon.Base, "cdi/vendor.yaml"), $$"""
            cdiVersion: 0.6.0
            kind: vendor.com/hooked
            devices:
            - name: all
              containerEdits:
                hooks:
            {{string.Join('\n', lines.Select(line => string.Join('\n', line.Split('\n').Where(part => part.Trim().Length > 0).Select(part => "    " + part))))}}
            """);
    }
}
