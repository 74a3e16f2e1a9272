namespace CriRuntime.E2e.Harness;

/// <summary>A place in a shell script at which it waits for as long as the test holds the gate closed.</summary>
/// <param name="path">Of the gate's files; the script must be in the same mount namespace.</param>
internal sealed class Gate(string path)
{
    private string Closed => path + ".closed";

    private string Arrivals => path + ".arrivals";

    /// <summary>What the script says where it has to wait; <paramref name="who"/> is one word that is kept for <see cref="Count"/>.</summary>
    internal string Script(string who) => $"echo {who} >> {Arrivals}; while [ -e {Closed} ]; do sleep 0.05; done";

    internal void Close() => File.WriteAllText(Closed, "");

    internal void Open() => File.Delete(Closed);

    internal int Count(string who) => File.Exists(Arrivals) ? File.ReadAllLines(Arrivals).Count(line => line == who) : 0;

    internal Task ReachedAsync(string who, int times = 1) => Wait.UntilAsync($"{who} to come to the gate", () => Count(who) >= times);
}
