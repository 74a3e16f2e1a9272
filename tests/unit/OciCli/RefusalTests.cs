using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class RefusalTests : IDisposable
{
    private readonly Bundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void An_unknown_command_is_named() => CriOci.Run("frobnicate").Failed("no command frobnicate");

    [Fact]
    public void An_unknown_option_is_named() => CriOci.Run("run", "--frobnicate", "x").Failed("no option --frobnicate");

    [Fact]
    public void The_systemd_driver_is_refused_and_not_ignored() => CriOci.Run("--systemd-cgroup", "list").Failed("--systemd-cgroup", "cgroupfs");

    [Fact]
    public void A_missing_bundle_is_named() => CriOci.Run("run", "-b", "/no/such/bundle", "x").Failed("/no/such/bundle/config.json");

    [Fact]
    public void A_configuration_that_is_no_JSON_is_refused()
    {
        File.WriteAllText(Path.Combine(bundle.Directory, "config.json"), "{ \"process\": [ }");
        CriOci.Run("--root", bundle.Root, "run", "-b", bundle.Directory, "x").Failed();
    }

    [Fact]
    public void A_wrong_field_is_named_and_nothing_is_left()
    {
        bundle.Spec = bundle.Spec with { Root = new Root { Path = "" } };
        bundle.Run("true").Failed("root.path");
        Assert.False(Directory.Exists(Path.Combine(bundle.Root, bundle.Id)));
    }

    [Fact]
    public void Errors_are_written_to_the_log_as_JSON_for_monitors()
    {
        string log = Path.Combine(bundle.Directory, "log");
        CriOci.Run("--log", log, "--log-format", "json", "state", "nobody").Failed("nobody does not exist");
        Assert.Matches("^\\{\"level\":\"error\",\"msg\":\"container nobody does not exist\",\"time\":\"[^\"]+\"\\}$", File.ReadAllText(log).Trim());
    }
}
