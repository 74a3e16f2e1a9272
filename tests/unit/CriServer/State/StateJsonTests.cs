using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.State;

public sealed class StateJsonTests
{
    private static readonly PodSandbox Pod = new()
    {
        Id = ObjectId.New(),
        Config = Daemon.PodConfig() with { Dns = new DnsConfig(["1.1.1.1"], ["a.b"], ["ndots:5"]) },
        Phase = SandboxPhase.Ready,
    };

    private static readonly Container Box = new()
    {
        Id = ObjectId.New(),
        SandboxId = Pod.Id,
        Config = Daemon.ContainerConfig() with
        {
            Environment = [new EnvironmentVariable("RAW", [0xFF, 0x00, 0x80])],
            Mounts = [new ContainerMount { ContainerPath = "/a", HostPath = "/b", Propagation = MountPropagation.Bidirectional }],
            Security = new ContainerSecurity { RunAsUser = 0, MaskedPaths = [] },
        },
        ExitCode = 3,
    };

    [Fact]
    public void What_was_written_is_read_again()
    {
        byte[] pod = StateJson.Write(Pod);
        Assert.Equal(Encoding.UTF8.GetString(pod), Encoding.UTF8.GetString(StateJson.Write(StateJson.ReadPod(pod))));
        byte[] container = StateJson.Write(Box);
        Container read = StateJson.ReadContainer(container);
        Assert.Equal(Encoding.UTF8.GetString(container), Encoding.UTF8.GetString(StateJson.Write(read)));
        Assert.Equal([0xFF, 0x00, 0x80], read.Config.Environment[0].Value);
        Assert.Null(read.Config.Security.RunAsGroup);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"id\":\"x\",\"config\":null}")]
    [InlineData("\0\0\0\0")]
    public void A_damaged_file_is_refused_as_json(string text) =>
        Assert.ThrowsAny<JsonException>(() => StateJson.ReadPod(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Every_truncation_is_noticed()
    {
        byte[] whole = StateJson.Write(Box);
        for (int length = 0; length < whole.Length; length += 7)
            Assert.ThrowsAny<JsonException>(() => StateJson.ReadContainer(whole.AsSpan(0, length)));
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_and_names_it()
    {
        JsonException newer = Assert.Throws<JsonException>(() => StateJson.ReadPod(StateJson.Write(Pod with { Version = 9 })));
        Assert.Contains("version 9", newer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_an_earlier_program_lacks_what_was_added_since_and_is_read()
    {
        JsonObject older = JsonNode.Parse(StateJson.Write(Box))!.AsObject();
        Assert.True(older.Remove("imageVolumes"));
        Assert.True(older.Remove("updatedResources"));
        Container read = StateJson.ReadContainer(Encoding.UTF8.GetBytes(older.ToJsonString()));
        Assert.Equal((Box.Id, null), (read.Id, read.UpdatedResources));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("phase")]
    [InlineData("config")]
    [InlineData("cgroupPath")]
    [InlineData("ownsCgroup")]
    [InlineData("networkAttached")]
    [InlineData("version")]
    public void A_file_that_lacks_anything_else_is_damaged(string property)
    {
        JsonObject damaged = JsonNode.Parse(StateJson.Write(Pod))!.AsObject();
        Assert.True(damaged.Remove(property));
        Assert.ThrowsAny<JsonException>(() => StateJson.ReadPod(Encoding.UTF8.GetBytes(damaged.ToJsonString())));
    }

    [Fact]
    public void Whether_an_object_is_inherited_is_not_on_disk() =>
        Assert.DoesNotContain("nherited", Encoding.UTF8.GetString(StateJson.Write(Pod with { Inherited = true })), StringComparison.Ordinal);
}
