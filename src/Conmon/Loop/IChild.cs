namespace CriRuntime.Conmon.Loop;

/// <summary>A child process that some part of the monitor answers for.</summary>
internal interface IChild
{
    /// <summary>Called when the process has ended and was not reaped yet; reaps it.</summary>
    void OnEnded();
}
