namespace CriRuntime.CriServer.State;

/// <summary>
/// Named steps that take back what an operation has done so far. They are pushed as the work proceeds and run in
/// reverse when it fails: never cancelled by the caller's token, each within a limit of its own, and a step
/// that fails does not keep the others from running.
/// </summary>
public sealed class UndoStack(TimeSpan stepLimit)
{
    private readonly Stack<(string Name, Func<CancellationToken, Task> Undo)> _steps = new();

    public UndoStack()
        : this(TimeSpan.FromSeconds(30))
    {
    }

    /// <param name="name">Completes the sentence "could not ...", e.g. <c>remove the snapshot</c>.</param>
    /// <param name="undo">Gets a token that ends with the step's limit.</param>
    public void Push(string name, Func<CancellationToken, Task> undo) => _steps.Push((name, undo));

    /// <inheritdoc cref="Push(string, Func{CancellationToken, Task})"/>
    public void Push(string name, Action undo) =>
        Push(name, _ =>
        {
            undo();
            return Task.CompletedTask;
        });

    /// <summary>The work succeeded: nothing is to be undone.</summary>
    public void Commit() => _steps.Clear();

    /// <summary>Runs every step, newest first, and returns the failures, each with the step's name.</summary>
    public async Task<IReadOnlyList<UndoFailure>> RunAsync()
    {
        List<UndoFailure> failures = [];
        while (_steps.TryPop(out var step))
        {
            try
            {
                using CancellationTokenSource limit = new(stepLimit);
                await step.Undo(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failures.Add(new UndoFailure(step.Name, e));
            }
        }

        return failures;
    }
}

/// <summary>A step of an <see cref="UndoStack"/> that failed; what it should have removed may be left behind.</summary>
public sealed record UndoFailure(string Step, Exception Cause)
{
    public override string ToString() => $"could not {Step}: {Cause.Message}";
}
