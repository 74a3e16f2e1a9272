using System.Buffers.Binary;
using CriRuntime.Nri.Api;
using CriRuntime.Nri.Merging;
using CriRuntime.Nri.Plugins;
using CriRuntime.Nri.Ttrpc;
using CriRuntime.Tests.NriPlugin;

namespace CriRuntime.Nri.Tests.Plugins;

/// <summary>What a plugin does wrong ends that plugin, with a line in the log, and nothing else.</summary>
public sealed class HostilePluginTests
{
    [Fact]
    public async Task One_that_hangs_costs_a_request_its_time_once()
    {
        await using HostFixture fixture = new(o => o with { RequestTimeout = TimeSpan.FromSeconds(2) });
        await fixture.Host.StartAsync();
        await using FakePlugin hanging = await fixture.JoinAsync("10", "hang", p => p.Answers["CreateContainer"] = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return new Empty();
        });
        await using FakePlugin good = await fixture.JoinAsync("20", "good", p => p.Answer("CreateContainer", _ => Adjust("ok")));
        Assert.Equal("ok", await CreateAsync(fixture));
        await fixture.LoggedAsync("10-hang is gone: no answer to CreateContainer within 2 s");
        Assert.Equal("20-good", Assert.Single(fixture.Host.Plugins).Name);
        Assert.Equal("ok", await CreateAsync(fixture));
    }

    [Fact]
    public async Task One_that_dies_in_the_middle_of_a_request_is_as_good_as_never_there()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        FakePlugin dying = null!;
        dying = await fixture.JoinAsync("10", "dying", p => p.Answers["CreateContainer"] = async (payload, token) =>
        {
            _ = Task.Run(async () => await dying.DisposeAsync(), CancellationToken.None);
            await Task.Delay(Timeout.Infinite, token);
            return new Empty();
        });
        await using FakePlugin good = await fixture.JoinAsync("20", "good", p => p.Answer("CreateContainer", _ => Adjust("ok")));
        Assert.Equal("ok", await CreateAsync(fixture));
        await fixture.LoggedAsync("10-dying is gone");
    }

    [Fact]
    public async Task One_that_just_leaves_has_done_nothing_wrong()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        FakePlugin plugin = await fixture.JoinAsync("10", "leaving");
        await plugin.DisposeAsync();
        await fixture.LoggedAsync("10-leaving has left");
        Assert.DoesNotContain(fixture.Log, line => line.Contains("is gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_answers_with_garbage_is_dropped()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin garbage = await fixture.JoinAsync(
            "10", "garbage", p => p.Answer("CreateContainer", _ => new OptionalString { Value = "\u0007" })); // where an adjustment is expected
        Assert.Null(await CreateAsync(fixture));
        await fixture.LoggedAsync("10-garbage is gone: it broke the protocol: its response to CreateContainer can't be read");
    }

    [Theory]
    [InlineData(1, 0xffff_fff0, "a frame of 4294967280 bytes")]
    [InlineData(9, 0x7fff_ffff, "a frame of 2147483647 bytes")]
    public async Task Frames_that_are_too_large_are_refused_before_they_are_read(uint connection, uint length, string reason)
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using Stream stream = await fixture.ConnectAsync();
        await stream.WriteAsync(Frame(connection, length, []));
        await fixture.LoggedAsync(reason);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    [Theory]
    [InlineData(2, new byte[] { 0x01, 0, 0, 0, 0, 0, 0, 1, 1, 0 }, "a message of 16777216 bytes")] // ttRPC's length
    [InlineData(2, new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 7, 0 }, "a message of type 7")]
    [InlineData(2, new byte[] { 0, 0, 0, 0, 0, 0, 0, 2, 1, 0 }, "a request on stream 2")]
    [InlineData(2, new byte[] { 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0xff }, "a request that can't be read")]
    [InlineData(1, new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 2, 0 }, "a response to stream 1, where nobody waits for one")]
    [InlineData(1, new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 1, 0 }, "a message of type 1 where only responses are expected")]
    public async Task Messages_that_break_the_protocol_end_the_connection(uint connection, byte[] message, string reason)
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using Stream stream = await fixture.ConnectAsync();
        await stream.WriteAsync(Frame(connection, (uint)message.Length, message));
        await fixture.LoggedAsync(reason);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task Half_a_frame_and_silence_end_with_the_time_to_register()
    {
        await using HostFixture fixture = new(o => o with { RegistrationTimeout = TimeSpan.FromSeconds(2) });
        await fixture.Host.StartAsync();
        await using Stream stream = await fixture.ConnectAsync();
        await stream.WriteAsync(Frame(2, 100, [0, 0, 0, 50, 0, 0, 0, 1, 1, 0]));
        await fixture.LoggedAsync("it did not register within 2 s");
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task Half_a_frame_and_the_end_are_a_violation()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using (Stream stream = await fixture.ConnectAsync())
            await stream.WriteAsync(Frame(2, 100, [0, 0, 0, 50, 0, 0, 0, 1, 1, 0]));
        await fixture.LoggedAsync("the connection ended inside a frame");
    }

    [Fact]
    public async Task A_flood_of_calls_ends_the_connection()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using Stream stream = await fixture.ConnectAsync();
        byte[] message = new byte[10];
        message[7] = 1;
        message[8] = 1;
        byte[] flood = [.. Enumerable.Repeat(Frame(2, 10, message), 10_000).SelectMany(frame => frame)];
        await stream.WriteAsync(flood).AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
        await fixture.LoggedAsync("calls at once");
    }

    [Fact]
    public async Task One_that_calls_before_it_is_synchronized_is_refused()
    {
        await using HostFixture fixture = new();
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await FakePlugin.ConnectAsync(fixture.Socket);
        plugin.Start();
        await Assert.ThrowsAsync<TtrpcException>(() => plugin.UpdateContainersAsync(new UpdateContainersRequest { Evict = { new ContainerEviction { ContainerId = "x" } } }));
        Assert.Empty(fixture.Evictions);
    }

    [Fact]
    public async Task A_validator_that_is_lost_has_not_agreed()
    {
        await using HostFixture fixture = new(o => o with { RequestTimeout = TimeSpan.FromSeconds(2) });
        await fixture.Host.StartAsync();
        await using FakePlugin judge = await fixture.JoinAsync("10", "judge", p =>
        {
            p.Events = 1 << ((int)Event.ValidateContainerAdjustment - 1);
            p.Answers["ValidateContainerAdjustment"] = async (_, token) =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return new Empty();
            };
        });
        NriException e = await Assert.ThrowsAsync<NriException>(() => CreateAsync(fixture));
        Assert.Contains("10-judge is gone without a verdict", e.Message, StringComparison.Ordinal);
        Assert.Null(await CreateAsync(fixture));
    }

    [Fact]
    public async Task One_that_hangs_in_Synchronize_never_joins_and_lets_others_go_on()
    {
        await using HostFixture fixture = new(o => o with { RegistrationTimeout = TimeSpan.FromSeconds(2) });
        await fixture.Host.StartAsync();
        await using FakePlugin plugin = await FakePlugin.ConnectAsync(fixture.Socket);
        plugin.Answers["Synchronize"] = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return new Empty();
        };
        await plugin.RegisterAsync("10", "stuck");
        await fixture.LoggedAsync("10-stuck is not admitted");
        Assert.Null(await CreateAsync(fixture));
        Assert.Empty(fixture.Host.Plugins);
    }

    private static CreateContainerResponse Adjust(string value) => new() { Adjust = new ContainerAdjustment { Annotations = { ["by"] = value } } };

    private static async Task<string?> CreateAsync(HostFixture fixture)
    {
        using PluginTurn turn = await fixture.Host.EnterAsync();
        ContainerDecision decision = await turn.CreateContainerAsync(HostFixture.Pod, HostFixture.NewContainer);
        return decision.Adjustment.Annotations.GetValueOrDefault("by");
    }

    private static byte[] Frame(uint connection, uint length, byte[] payload)
    {
        byte[] frame = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, connection);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), length);
        payload.CopyTo(frame, 8);
        return frame;
    }
}
