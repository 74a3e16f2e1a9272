using System.Text.Json;
using CriRuntime.CriServer.Handlers;

namespace CriRuntime.CriServer.Tests.Handlers;

public sealed class BinaryMessageTests
{
    [Theory]
    [InlineData("{\"level\":\"error\",\"msg\":\"first\"}\n{\"level\":\"error\",\"msg\":\"second\"}\n{\"level\":\"warning\",\"msg\":\"third\"}\n", "second")]
    [InlineData("garbage\n{\"level\":\"fatal\",\"msg\":\"two\\nlines\"}", "two lines")]
    [InlineData("{\"level\":1,\"msg\":\"x\"}\n{\"level\":\"error\",\"msg\":[]}\n[1]\n{\"level\":\"error\"", null)]
    [InlineData("", null)]
    public void The_last_error_of_a_log_is_found_and_what_is_no_line_of_it_passed_over(string log, string? message)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, log);
            Assert.Equal(message, BinaryMessage.Last(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_log_that_was_never_written_has_no_message() => Assert.Null(BinaryMessage.Last("/nonexistent/log"));

    [Fact]
    public void Features_are_what_the_binary_says_and_nothing_else()
    {
        Assert.Equal(new HandlerFeatures(true, false), HandlerFeatures.Parse("{\"mountOptions\":[\"ro\",\"rro\"],\"linux\":{}}"u8.ToArray()));
        Assert.Equal(HandlerFeatures.None, HandlerFeatures.Parse("{\"mountOptions\":[\"ro\",1]}"u8.ToArray()));
        Assert.Equal(
            HandlerFeatures.None with { MemoryPolicies = true, IntelRdt = true, NetDevices = true },
            HandlerFeatures.Parse("""{"linux":{"memoryPolicy":{"modes":["MPOL_BIND"]},"intelRdt":{"enabled":true,"schemata":true},"netDevices":{"enabled":true}}}"""u8.ToArray()));
        Assert.Equal(HandlerFeatures.None, HandlerFeatures.Parse("""{"linux":{"memoryPolicy":true,"intelRdt":{"enabled":"yes"},"netDevices":{"enabled":false}}}"""u8.ToArray()));
        Assert.ThrowsAny<JsonException>(() => HandlerFeatures.Parse("unknown command features"u8.ToArray()));
        Assert.ThrowsAny<JsonException>(() => HandlerFeatures.Parse("[]"u8.ToArray()));
    }
}
