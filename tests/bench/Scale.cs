namespace CriRuntime.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">Pods per latency measure; ten times as many calls of ExecSync.</param>
/// <param name="Sessions">Sessions of each kind of stream.</param>
/// <param name="Pods">Pods of the parts rate, containers and restart.</param>
internal sealed record Scale(int Rounds, int Sessions, int Pods);
