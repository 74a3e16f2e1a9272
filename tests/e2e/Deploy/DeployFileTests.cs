using System.Text.Json;
using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Deploy;

/// <summary>What deploy/ has for other machines, as far as it can be tried on this one.</summary>
public sealed class DeployFileTests
{
    [Fact]
    public async Task Every_yaml_file_can_be_parsed_and_names_the_socket_of_the_package()
    {
        foreach (string file in Directory.EnumerateFiles(Programs.InCheckout("deploy"), "*.yaml", SearchOption.AllDirectories))
        {
            string json = await Shell.RunAsync("python3", "-c", "import sys, json, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))", file);
            Assert.NotEqual(0, JsonDocument.Parse(json).RootElement.GetArrayLength());
            string text = await File.ReadAllTextAsync(file);
            if (text.Contains(".sock", StringComparison.Ordinal))
                Assert.Contains("unix:///run/criruntime/criruntime.sock", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("deploy/config/config.json")]
    [InlineData("deploy/kind/config.json")]
    public async Task Every_configuration_is_accepted(string file) =>
        Assert.Contains("\"listen\"", await Shell.RunAsync(Programs.CriRuntime, "config", "--config", Programs.InCheckout(file)), StringComparison.Ordinal);

    [Fact]
    public async Task The_ctr_of_the_kind_node_imports_what_kind_load_sends()
    {
        await using Daemon daemon = await Daemon.StartAsync("kind");
        string archive = Path.Combine(daemon.Base, "image.tar");
        TestImages.Busybox().WriteArchive(archive, "localhost/kind:1");
        string tools = Directory.CreateDirectory(Path.Combine(daemon.Base, "bin")).FullName;
        string criruntime = Path.Combine(tools, "criruntime");
        await File.WriteAllTextAsync(criruntime, $"#!/bin/sh\nexec {Programs.CriRuntime} \"$@\" --listen {daemon.Socket}\n");
        File.SetUnixFileMode(criruntime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Shell.RunAsync(
            "sh", "-c", $"PATH={tools}:$PATH {Programs.InCheckout("deploy/kind/ctr")} --namespace=k8s.io images import --all-platforms --digests --snapshotter=overlayfs - < {archive}");
        ImageStatusResponse found = await daemon.Images.ImageStatusAsync(new ImageStatusRequest { Image = new ImageSpec { Image = "localhost/kind:1" } });
        Assert.Equal(["localhost/kind:1"], found.Image.RepoTags);
    }
}
