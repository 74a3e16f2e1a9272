using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Lsm;

namespace CriRuntime.CriServer.Tests.Lsm;

public sealed class SelinuxPolicyTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("selinux-").FullName;

    public void Dispose() => Directory.Delete(_root, true);

    [Fact]
    public void The_labels_are_those_of_the_policy_in_use()
    {
        File.WriteAllText(Path.Join(_root, "config"), "# This file\nSELINUX=enforcing\nSELINUXTYPE=default\n");
        Contexts("default", "process = \"system_u:system_r:container_t:s0\"\ncontent = \"system_u:object_r:virt_var_lib_t:s0\"\nfile = \"system_u:object_r:container_file_t:s0\"\n");
        Contexts("targeted", "process = \"other_u:other_r:other_t:s0\"\nfile = \"o:o:o:s0\"\n");
        SelinuxPolicy policy = SelinuxPolicy.Read(_root);
        Assert.Equal("system_u:system_r:container_t:s0", policy.Process.ToString());
        Assert.Equal("system_u:object_r:container_file_t:s0", policy.Files.ToString());
    }

    [Fact]
    public void Without_a_type_it_is_targeted_and_blanks_and_quotes_may_lack()
    {
        Contexts("targeted", "#process = \"no:no:no:s0\"\n  process=system_u:system_r:svirt_lxc_net_t:s0  \nfile\t=\t\"system_u:object_r:svirt_sandbox_file_t:s0\"\n");
        Assert.Equal("svirt_lxc_net_t", SelinuxPolicy.Read(_root).Process.Type);
    }

    [Theory]
    [InlineData("")]
    [InlineData("process = \"system_u:system_r\"\nfile = \"system_u:object_r:container_file_t:s0\"\n")]
    [InlineData("process = \"system_u:system_r:container_t:s0\"\n")]
    public void A_policy_without_containers_is_told_by_its_file(string contexts)
    {
        Contexts("targeted", contexts);
        Assert.Contains("targeted/contexts/lxc_contexts", Assert.Throws<InvalidDataException>(() => SelinuxPolicy.Read(_root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_goes_without_where_the_node_cannot_and_on_stops_the_start()
    {
        SelinuxKernel without = new(Path.Join(_root, "nothing"));
        SelinuxKernel with = new(_root);
        File.WriteAllText(Path.Join(_root, "enforce"), "1");
        File.WriteAllText(Path.Join(_root, "context"), "");
        Assert.Equal((null, null), SelinuxChoice.Make("auto", without, _root));
        Assert.Equal((null, null), SelinuxChoice.Make("off", with, _root));
        (SelinuxPolicy? policy, string? obstacle) = SelinuxChoice.Make("auto", with, _root);
        Assert.Null(policy);
        Assert.Contains("lxc_contexts", obstacle, StringComparison.Ordinal);
        Assert.Contains("not enabled", Assert.Throws<ConfigurationException>(() => SelinuxChoice.Make("on", without, _root)).Message, StringComparison.Ordinal);
        Assert.Contains("lxc_contexts", Assert.Throws<ConfigurationException>(() => SelinuxChoice.Make("on", with, _root)).Message, StringComparison.Ordinal);
        Contexts("targeted", "process = \"system_u:system_r:container_t:s0\"\nfile = \"system_u:object_r:container_file_t:s0\"\n");
        Assert.Equal("container_t", SelinuxChoice.Make("on", with, _root).Policy!.Process.Type);
    }

    private void Contexts(string type, string text)
    {
        string directory = Path.Join(_root, type, "contexts");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Join(directory, "lxc_contexts"), text);
    }
}
