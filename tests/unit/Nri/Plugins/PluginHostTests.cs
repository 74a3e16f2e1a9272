using System.Net.Sockets;
using CriRuntime.Nri.Api;
using CriRuntime.Nri.Merging;
using CriRuntime.Nri.Plugins;
using CriRuntime.Nri.Ttrpc;
using CriRuntime.Nri.Validation;
using CriRuntime.Tests.NriPlugin;

namespace CriRuntime.Nri.Tests.Plugins;

public sealed class PluginHostTests
{
    [Fact]
    public async Task A_plugin_is_configured_and_synchronized_and_then_gets_events()
    {
        await using HostFixture fixture = new();
        fixture.Pods.Add(HostFixture.Pod);
        fixture.Containers.Add(HostFixture.NewContainer);
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await fixture.JoinAsync("10", "logger");

        ConfigureRequest configured = Assert.Single(plugin.Requests("Configure", ConfigureRequest.Parser));
        Assert.Equal(("criruntime", "1.2.3", 20_000, 20_000), (configured.RuntimeName, configured.RuntimeVersion, configured.RegistrationTimeout, configured.RequestTimeout));
        SynchronizeRequest known = Assert.Single(plugin.Requests("Synchronize", SynchronizeRequest.Parser));
        Assert.Equal(("pod1", "ctr1", false), (Assert.Single(known.Pods).Id, Assert.Single(known.Containers).Id, known.More));

        using (PluginTurn turn = await fixture.Host.EnterAsync())
        {
            await turn.NotifyAsync(Event.RunPodSandbox, HostFixture.Pod);
            await turn.NotifyAsync(Event.PostStartContainer, HostFixture.Pod, HostFixture.NewContainer);
        }

        Assert.Equal("web", Assert.Single(plugin.Requests("RunPodSandbox", PodEvent.Parser)).Pod.Name);
        Assert.Equal("app", Assert.Single(plugin.Requests("PostStartContainer", ContainerEvent.Parser)).Container.Name);
    }

    [Fact]
    public async Task Events_that_a_plugin_did_not_subscribe_to_do_not_reach_it()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await fixture.JoinAsync("10", "picky", p => p.Events = 1 << ((int)Event.StopPodSandbox - 1));
        using PluginTurn turn = await fixture.Host.EnterAsync();
        await turn.NotifyAsync(Event.RunPodSandbox, HostFixture.Pod);
        await turn.NotifyAsync(Event.StopPodSandbox, HostFixture.Pod);
        Assert.Equal(["Configure", "Synchronize", "StopPodSandbox"], plugin.Methods);
    }

    [Fact]
    public async Task A_plugin_of_the_old_interface_gets_events_as_state_changes()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await fixture.JoinAsync("10", "old", p => p.Unimplemented.UnionWith(["RunPodSandbox", "StartContainer"]));
        using PluginTurn turn = await fixture.Host.EnterAsync();
        await turn.NotifyAsync(Event.RunPodSandbox, HostFixture.Pod);
        await turn.NotifyAsync(Event.StartContainer, HostFixture.Pod, HostFixture.NewContainer);
        StateChangeEvent[] changes = plugin.Requests("StateChange", StateChangeEvent.Parser);
        Assert.Equal([Event.RunPodSandbox, Event.StartContainer], changes.Select(change => change.Event));
        Assert.Equal("ctr1", changes[1].Container.Id);
    }

    [Fact]
    public async Task Plugins_are_asked_by_index_and_each_sees_what_those_before_it_want()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin late = await fixture.JoinAsync("90", "late");
        await using FakePlugin early = await fixture.JoinAsync("05", "early", p => p.Answer("CreateContainer", _ => new CreateContainerResponse
        {
            Adjust = new ContainerAdjustment { Env = { new KeyValue { Key = "B", Value = "2" } }, Annotations = { ["a"] = "b" } },
        }));
        using PluginTurn turn = await fixture.Host.EnterAsync();
        ContainerDecision decision = await turn.CreateContainerAsync(HostFixture.Pod, HostFixture.NewContainer);
        Container seen = Assert.Single(late.Requests("CreateContainer", ContainerEvent.Parser)).Container;
        Assert.Equal(["A=1", "B=2"], seen.Env);
        Assert.Equal("b", seen.Annotations["a"]);
        Assert.Equal("B", Assert.Single(decision.Adjustment.Env).Key);
    }

    [Fact]
    public async Task A_container_on_which_two_plugins_disagree_is_refused_and_both_are_named()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        static CreateContainerResponse Limit(long bytes) => new()
        {
            Adjust = new ContainerAdjustment
            {
                Linux = new LinuxContainerAdjustment { Resources = new LinuxResources { Memory = new LinuxMemory { Limit = new OptionalInt64 { Value = bytes } } } },
            },
        };
        await using FakePlugin one = await fixture.JoinAsync("10", "one", p => p.Answer("CreateContainer", _ => Limit(1)));
        await using FakePlugin two = await fixture.JoinAsync("20", "two", p => p.Answer("CreateContainer", _ => Limit(2)));
        using PluginTurn turn = await fixture.Host.EnterAsync();
        NriException e = await Assert.ThrowsAsync<NriException>(() => turn.CreateContainerAsync(HostFixture.Pod, HostFixture.NewContainer));
        Assert.Contains("10-one and 20-two both set MemLimit", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_fails_the_request_and_names_the_plugin()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await fixture.JoinAsync("10", "no", p => p.Answer("RunPodSandbox", _ => throw new TtrpcException(2, "not on my node")));
        using PluginTurn turn = await fixture.Host.EnterAsync();
        NriException e = await Assert.ThrowsAsync<NriException>(() => turn.NotifyAsync(Event.RunPodSandbox, HostFixture.Pod));
        Assert.Equal("NRI plugin 10-no refuses RunPodSandbox: not on my node", e.Message);
        Assert.Single(fixture.Host.Plugins);
    }

    [Fact]
    public async Task A_validator_sees_owners_and_plugins_and_its_rejection_counts()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin setter = await fixture.JoinAsync("10", "setter", p => p.Answer("CreateContainer", _ => new CreateContainerResponse
        {
            Adjust = new ContainerAdjustment { Args = { "evil" } },
        }));
        await using FakePlugin validator = await fixture.JoinAsync("20", "judge", p =>
        {
            p.Events = 1 << ((int)Event.ValidateContainerAdjustment - 1);
            p.Answer("ValidateContainerAdjustment", _ => new ValidateContainerAdjustmentResponse { Reject = true, Reason = "evil args" });
        });
        using PluginTurn turn = await fixture.Host.EnterAsync();
        NriException e = await Assert.ThrowsAsync<NriException>(() => turn.CreateContainerAsync(HostFixture.Pod, HostFixture.NewContainer));
        Assert.Contains("20-judge rejects the container: evil args", e.Message, StringComparison.Ordinal);
        ValidateContainerAdjustmentRequest seen = Assert.Single(validator.Requests("ValidateContainerAdjustment", ValidateContainerAdjustmentRequest.Parser));
        Assert.Equal("10-setter", seen.Owners.Owners["ctr1"].Simple[(int)Field.Args]);
        Assert.Equal(["sh"], seen.Container.Args);
        Assert.Equal(["setter", "judge"], seen.Plugins.Select(p => p.Name));
    }

    [Fact]
    public async Task A_container_without_its_required_plugins_is_refused()
    {
        await using HostFixture fixture = new(o => o with { DefaultValidator = new DefaultValidatorOptions { RequiredPlugins = ["topology"] } });
        await fixture.Host.StartAsync();
        using PluginTurn turn = await fixture.Host.EnterAsync();
        NriException e = await Assert.ThrowsAsync<NriException>(() => turn.CreateContainerAsync(HostFixture.Pod, HostFixture.NewContainer));
        Assert.Contains("topology", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unsolicited_updates_and_evictions_reach_the_runtime_and_failures_come_back()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await fixture.JoinAsync("10", "tuner");
        UpdateContainersResponse response = await plugin.UpdateContainersAsync(new UpdateContainersRequest
        {
            Update = { new ContainerUpdate { ContainerId = "fine" }, new ContainerUpdate { ContainerId = "stuck" } },
            Evict = { new ContainerEviction { ContainerId = "out", Reason = "noisy" } },
        });
        Assert.Equal("stuck", Assert.Single(response.Failed).ContainerId);
        Assert.Equal(["10-tuner", "10-tuner"], fixture.Updates.Select(update => update.Plugin));
        Assert.Equal("noisy", Assert.Single(fixture.Evictions).Reason);
    }

    [Fact]
    public async Task Nobody_misses_a_container_that_is_made_while_it_synchronizes()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        TaskCompletionSource release = new();
        await using FakePlugin plugin = await FakePlugin.ConnectAsync(fixture.Socket);
        TaskCompletionSource reached = new();
        plugin.Answers["Synchronize"] = async (_, _) =>
        {
            reached.SetResult();
            await release.Task;
            return new SynchronizeResponse();
        };
        await plugin.RegisterAsync("10", "slow");
        await reached.Task;
        Task<PluginTurn> entering = fixture.Host.EnterAsync().AsTask();
        Assert.False(entering.IsCompleted);
        release.SetResult();
        using PluginTurn turn = await entering;
        await turn.CreateContainerAsync(HostFixture.Pod, HostFixture.NewContainer);
        Assert.Equal("ctr1", Assert.Single(plugin.Requests("CreateContainer", ContainerEvent.Parser)).Container.Id);
    }

    [Fact]
    public async Task State_that_is_too_large_for_one_message_comes_in_parts()
    {
        await using HostFixture fixture = new();
        for (int i = 0; i < 3000; i++)
            fixture.Containers.Add(new Container { Id = $"c{i}", Env = { new string('x', 4000) } });
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await fixture.JoinAsync("10", "big");
        SynchronizeRequest[] parts = plugin.Requests("Synchronize", SynchronizeRequest.Parser);
        Assert.True(parts.Length > 2);
        Assert.Equal(3000, parts.SelectMany(part => part.Containers).Select(c => c.Id).Distinct().Count());
        Assert.Equal([.. Enumerable.Repeat(true, parts.Length - 1), false], parts.Select(part => part.More));
    }

    [Fact]
    public async Task A_socket_that_another_daemon_listens_on_is_left_alone()
    {
        await using HostFixture fixture = new();
        Directory.CreateDirectory(Path.GetDirectoryName(fixture.Socket)!);
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(fixture.Socket));
        other.Listen();
        await fixture.Host.StartAsync();
        await fixture.LoggedAsync("another program listens on");
        Assert.True(File.Exists(fixture.Socket));
    }

    [Fact]
    public async Task The_socket_is_for_root_alone_and_a_stale_one_is_replaced()
    {
        await using HostFixture fixture = new();
        Directory.CreateDirectory(Path.GetDirectoryName(fixture.Socket)!);
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            dead.Bind(new UnixDomainSocketEndPoint(fixture.Socket));
        await fixture.Host.StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(fixture.Socket));
        await using FakePlugin plugin = await fixture.JoinAsync("10", "new");
    }

    [Fact]
    public async Task Stopping_says_goodbye_and_takes_the_socket_away()
    {
        HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await fixture.JoinAsync("10", "polite");
        string socket = fixture.Socket;
        await fixture.DisposeAsync();
        Assert.Contains("Shutdown", plugin.Methods);
        Assert.False(File.Exists(socket));
    }

    [Theory]
    [InlineData("1", "name", "is not two digits")]
    [InlineData("1a", "name", "is not two digits")]
    [InlineData("10", "", "is not made of")]
    [InlineData("10", "na me", "is not made of")]
    public async Task A_plugin_with_a_wrong_name_is_told_and_not_admitted(string index, string name, string reason)
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await FakePlugin.ConnectAsync(fixture.Socket);
        Exception e = await Assert.ThrowsAnyAsync<Exception>(() => plugin.RegisterAsync(index, name));
        Assert.True(e is TtrpcException or ConnectionLostException);
        await fixture.LoggedAsync(reason);
    }

    [Fact]
    public async Task A_started_program_that_does_not_speak_is_given_up_and_killed()
    {
        await using HostFixture fixture = new(o => o with { RegistrationTimeout = TimeSpan.FromSeconds(2) });
        Directory.CreateDirectory(fixture.PluginDirectory);
        string pidFile = Path.Join(fixture.PluginDirectory, "pid");
        string program = Path.Join(fixture.PluginDirectory, "10-mute");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\necho \"$$ $NRI_PLUGIN_NAME $NRI_PLUGIN_IDX $NRI_PLUGIN_SOCKET\" > {pidFile}\nexec sleep 1000\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await fixture.Host.StartAsync();
        await fixture.LoggedAsync("10-mute is not admitted: it did not register within 2 s");
        string[] said = (await File.ReadAllTextAsync(pidFile)).Trim().Split(' ');
        Assert.Equal(["mute", "10", "3"], said[1..]);
        await HostFixture.UntilAsync(() => !Directory.Exists($"/proc/{said[0]}"));
    }
}
