using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Tests.State;

public sealed class UndoStackTests
{
    [Fact]
    public async Task Steps_run_newest_first_and_a_failure_stops_none()
    {
        UndoStack undo = new();
        List<string> ran = [];
        undo.Push("one", () => ran.Add("one"));
        undo.Push("two", () => throw new IOException("broken"));
        undo.Push("three", () => ran.Add("three"));
        IReadOnlyList<UndoFailure> failures = await undo.RunAsync();
        Assert.Equal(["three", "one"], ran);
        Assert.Equal("could not two: broken", Assert.Single(failures).ToString());
    }

    [Fact]
    public async Task After_commit_nothing_is_undone()
    {
        UndoStack undo = new();
        undo.Push("never", () => Assert.Fail("undone"));
        undo.Commit();
        Assert.Empty(await undo.RunAsync());
    }

    [Fact]
    public async Task A_step_that_hangs_is_left_after_its_limit()
    {
        UndoStack undo = new(TimeSpan.FromMilliseconds(50));
        bool later = false;
        undo.Push("later", () => later = true);
        undo.Push("hang", _ => new TaskCompletionSource().Task);
        Assert.Equal("hang", Assert.Single(await undo.RunAsync()).Step);
        Assert.True(later);
    }
}
