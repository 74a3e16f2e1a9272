using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Tests.State;

public sealed class SnapshotTests
{
    private readonly List<string> _persisted = [];
    private readonly Snapshot<Thing> _things;

    public SnapshotTests() => _things = new Snapshot<Thing>("thing", t => t.Id, t => _persisted.Add($"{t.Id}={t.Value}"));

    [Fact]
    public void A_change_is_persisted_before_it_is_seen()
    {
        bool refuse = true;
        Snapshot<Thing> things = new("thing", t => t.Id, _ => { if (refuse) throw new IOException("disk full"); });
        Assert.Throws<IOException>(() => things.Add(new Thing("a", 1)));
        Assert.Empty(things.Current);
        refuse = false;
        things.Add(new Thing("a", 1));
        Assert.Single(things.Current);
    }

    [Fact]
    public void A_refused_change_leaves_everything_as_it_was()
    {
        _things.Add(new Thing("a", 1));
        Assert.Throws<CriException>(() => _things.Transition("a", _ => throw CriException.FailedPrecondition("no")));
        Assert.Equal(["a=1"], _persisted);
        Assert.Equal(1, _things.Get("a").Value);
    }

    [Fact]
    public void Nothing_to_do_writes_nothing()
    {
        _things.Add(new Thing("a", 1));
        _things.Transition("a", t => t);
        Assert.Equal(["a=1"], _persisted);
    }

    [Fact]
    public void A_reader_keeps_the_snapshot_it_took()
    {
        _things.Add(new Thing("a", 1));
        var before = _things.Current;
        _things.Transition("a", t => t with { Value = 2 });
        _things.Remove("a");
        Assert.Equal(1, before["a"].Value);
        Assert.Empty(_things.Current);
    }

    [Fact]
    public void The_start_of_an_id_is_enough_when_it_is_the_only_one()
    {
        _things.Add(new Thing("abc", 1));
        _things.Add(new Thing("abd", 2));
        _things.Add(new Thing("xyz", 3));
        Assert.Equal(3, _things.Get("x").Value);
        Assert.Equal(CriErrorKind.InvalidArgument, Assert.Throws<CriException>(() => _things.Get("ab")).Kind);
        Assert.Equal(CriErrorKind.NotFound, Assert.Throws<CriException>(() => _things.Get("q")).Kind);
        Assert.Null(_things.Find(""));
    }

    [Fact]
    public void An_enormous_id_is_not_found_and_not_repeated_whole()
    {
        CriException missing = Assert.Throws<CriException>(() => _things.Get(new string('x', 1_000_000)));
        Assert.True(missing.Message.Length < 200);
    }

    [Fact]
    public async Task A_waiter_is_told_when_the_object_is_as_wanted_or_gone()
    {
        _things.Add(new Thing("a", 1));
        Task<Thing?> two = _things.WaitForAsync("a", t => t.Value == 2, CancellationToken.None);
        Task<Thing?> three = _things.WaitForAsync("a", t => t.Value == 3, CancellationToken.None);
        _things.Transition("a", t => t with { Value = 2 });
        Assert.Equal(2, (await two)!.Value);
        Assert.False(three.IsCompleted);
        _things.Remove("a");
        Assert.Null(await three);
    }

    [Fact]
    public async Task A_waiter_can_give_up()
    {
        _things.Add(new Thing("a", 1));
        using CancellationTokenSource giveUp = new(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _things.WaitForAsync("a", t => t.Value == 2, giveUp.Token));
    }

    private sealed record Thing(string Id, int Value);
}
