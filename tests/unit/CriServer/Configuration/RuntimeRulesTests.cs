using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Tests.Configuration;

public sealed class RuntimeRulesTests
{
    [Theory]
    [InlineData("runc", "{}", "")]
    [InlineData("crun", "{\"path\":\"/usr/bin/crun\",\"root\":\"/run/crun\",\"timeoutSeconds\":5,\"allowedAnnotations\":[\"run.oci.*\"]}", "")]
    [InlineData("open", "{\"type\":\"builtin\",\"privilegedWithoutHostDevices\":true}", "")]
    [InlineData("../up", "{}", "not a name")]
    [InlineData("vm", "{\"type\":\"vm\"}", "none of oci, builtin")]
    [InlineData("bad", "{\"path\":\"bin/runc\"}", "neither an absolute path")]
    [InlineData("bad", "{\"root\":\"state\"}", "not an absolute path")]
    [InlineData("bad", "{\"timeoutSeconds\":0}", "not between 1 and 100")]
    [InlineData("bad", "{\"type\":\"builtin\",\"path\":\"/usr/bin/runc\"}", "are for binaries")]
    [InlineData("bad", "{\"allowedAnnotations\":[\"\"]}", "empty entry")]
    public void A_handler_is_sound_or_refused_by_its_key(string name, string json, string problem)
    {
        string text = Problems($"{{\"runtimes\":{{\"{name}\":{json}}}}}");
        Assert.Contains(problem, text, StringComparison.Ordinal);
        Assert.Equal(problem.Length == 0, text.Length == 0);
    }

    [Fact]
    public void The_default_must_be_one_of_the_handlers() =>
        Assert.Contains("'kata' is not one of runtimes (runc)", Problems("{\"runtimes\":{\"runc\":{}},\"defaultRuntime\":\"kata\"}"), StringComparison.Ordinal);

    private static string Problems(string json)
    {
        string file = Path.Join(Directory.CreateTempSubdirectory("runtimes-").FullName, "config.json");
        try
        {
            File.WriteAllText(file, json);
            ConfigurationLoader.Load(file, new Dictionary<string, string>(), new ConfigurationLayer("the command line", []));
            return "";
        }
        catch (ConfigurationException e)
        {
            return e.Message;
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
