using System.Diagnostics;

namespace CriRuntime.Quickstart;

/// <summary>Runs the demo's steps one by one and keeps what each did and how long it took.</summary>
internal sealed class StepTable
{
    private readonly List<(string Step, string Result, TimeSpan Took)> _rows = [];

    /// <param name="describe">A short word on the result for the table.</param>
    internal async Task<T> RunAsync<T>(string step, Func<Task<T>> work, Func<T, string> describe)
    {
        long started = Stopwatch.GetTimestamp();
        T result = await work();
        _rows.Add((step, describe(result), Stopwatch.GetElapsedTime(started)));
        return result;
    }

    internal void Print(TextWriter output)
    {
        int steps = _rows.Max(row => row.Step.Length);
        int results = _rows.Max(row => row.Result.Length);
        output.WriteLine();
        foreach ((string step, string result, TimeSpan took) in _rows)
            output.WriteLine($"  {step.PadRight(steps)}  {result.PadRight(results)}  {took.TotalMilliseconds,9:F1} ms");
        output.WriteLine();
    }
}
