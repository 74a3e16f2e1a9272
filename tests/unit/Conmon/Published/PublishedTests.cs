namespace CriRuntime.Conmon.Tests.Published;

/// <summary>Tests of the published program: real clones, one class at a time, so that what they count is theirs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PublishedTests
{
    public const string Name = "published cri-conmon";
}
