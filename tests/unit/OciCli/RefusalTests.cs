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
    public void The_systemd_driver_where_no_systemd_rules_the_cgroups_is_refused_in_words_and_nothing_is_left()
    {
        bundle.Linux = bundle.Linux with { CgroupsPath = $":test:{bundle.Id}" };
        bool systemd = System.IO.Directory.Exists("/run/systemd/system") && File.Exists("/sys/fs/cgroup/cgroup.controllers");
        Outcome outcome = bundle.Command("--systemd-cgroup", "run", "--bundle", bundle.Directory, bundle.Id);
        if (!systemd)
            outcome.Failed("--systemd-cgroup", "systemd");
        Assert.False(Directory.Exists(Path.Combine(bundle.Root, bundle.Id)));
    }

    [Theory]
    [InlineData("/pod/container", "slice:prefix:name")]
    [InlineData("pod", "slice:prefix:name")]
    [InlineData("no:slice:here", "\"no\" is not the name of a slice")]
    [InlineData("a.slice:b:", "names no scope")]
    [InlineData("a.slice:b:c/../../d", "no name of a unit")]
    public void The_systemd_driver_says_what_is_wrong_with_a_path(string path, string words)
    {
        bundle.Linux = bundle.Linux with { CgroupsPath = path };
        bundle.Command("--systemd-cgroup", "run", "--bundle", bundle.Directory, bundle.Id).Failed("linux.cgroupsPath", words);
        Assert.False(Directory.Exists(Path.Combine(bundle.Root, bundle.Id)));
    }

    [Fact]
    public void A_path_for_systemd_without_the_flag_is_refused_with_the_flag_s_name()
    {
        bundle.Linux = bundle.Linux with { CgroupsPath = "system.slice:test:one" };
        bundle.Run("true").Failed("linux.cgroupsPath", "--systemd-cgroup");
    }

    [Fact]
    public void The_flag_changes_nothing_for_commands_that_make_no_container() => Assert.Empty(CriOci.Run("--systemd-cgroup", "--root", bundle.Root, "list", "-q").Succeeded());

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
