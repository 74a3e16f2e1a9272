using CriRuntime.CriServer.Handlers;

namespace CriRuntime.CriServer.Tests.Handlers;

public sealed class AnnotationFilterTests
{
    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/bc", false)]
    [InlineData("a/*", "a/", true)]
    [InlineData("a/*", "b/a/", false)]
    [InlineData("*", "", true)]
    [InlineData("*.com/*x", "b.com/yyx", true)]
    [InlineData("*.com/*x", "b.com/yxy", false)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "acb", false)]
    public void A_star_stands_for_any_characters(string pattern, string key, bool matches) =>
        Assert.Equal(matches, AnnotationFilter.Matches(pattern, key));

    [Fact]
    public void Only_allowed_annotations_pass_the_containers_before_the_pods_and_never_the_runtimes_own()
    {
        Dictionary<string, string> pod = new() { ["x/a"] = "pod", ["x/b"] = "pod", ["y/a"] = "pod" };
        Dictionary<string, string> container = new() { ["x/b"] = "container", ["io.kubernetes.cri.sandbox-id"] = "forged" };
        Assert.Equal(
            new Dictionary<string, string> { ["x/a"] = "pod", ["x/b"] = "container" },
            AnnotationFilter.Allowed(["x/*", "io.*"], pod, container));
        Assert.Empty(AnnotationFilter.Allowed([], pod, container));
    }
}
