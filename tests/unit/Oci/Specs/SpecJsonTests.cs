using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Specs;

public sealed class SpecJsonTests
{
    /// <summary>Every field of the Linux configuration, with the specification's spelling.</summary>
    private const string Everything = """
        {
          "annotations": { "a.b": "c" },
          "mounts": [{ "options": ["ro"], "uidMappings": [{ "containerID": 0, "hostID": 1000, "size": 10 }],
            "gidMappings": [{ "containerID": 0, "hostID": 1000, "size": 10 }], "destination": "/x", "type": "bind", "source": "/y" }],
          "ociVersion": "1.2.0",
          "process": {
            "args": ["sh"], "env": ["A=b"], "rlimits": [{ "type": "RLIMIT_NOFILE", "soft": 1, "hard": 2 }],
            "terminal": true, "consoleSize": { "height": 25, "width": 80 },
            "user": { "additionalGids": [5], "uid": 1, "gid": 2, "umask": 63 }, "cwd": "/",
            "capabilities": { "bounding": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"], "inheritable": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"] },
            "noNewPrivileges": true, "apparmorProfile": "p", "selinuxLabel": "l", "oomScoreAdj": 100,
            "scheduler": { "flags": ["SCHED_FLAG_RESET_ON_FORK"], "policy": "SCHED_DEADLINE", "nice": 1, "priority": 2, "runtime": 3, "deadline": 4, "period": 5 },
            "ioPriority": { "class": "IOPRIO_CLASS_BE", "priority": 4 }, "execCPUAffinity": { "initial": "0", "final": "1" }
          },
          "root": { "path": "rootfs", "readonly": true },
          "hostname": "h", "domainname": "d",
          "hooks": { "prestart": [{ "args": ["a"], "env": ["b"], "path": "/h", "timeout": 3 }], "createRuntime": [{ "path": "/h" }],
            "createContainer": [{ "path": "/h" }], "startContainer": [{ "path": "/h" }], "poststart": [{ "path": "/h" }], "poststop": [{ "path": "/h" }] },
          "linux": {
            "uidMappings": [{ "containerID": 0, "hostID": 1, "size": 2 }], "gidMappings": [{ "containerID": 0, "hostID": 1, "size": 2 }],
            "sysctl": { "net.a": "1" }, "namespaces": [{ "type": "network", "path": "/n" }],
            "devices": [{ "type": "c", "path": "/dev/x", "major": 1, "minor": 2, "fileMode": 438, "uid": 0, "gid": 0 }],
            "netDevices": { "eth1": { "name": "eth0" } }, "maskedPaths": ["/m"], "readonlyPaths": ["/r"],
            "timeOffsets": { "boottime": { "secs": -1, "nanosecs": 2 } },
            "resources": {
              "devices": [{ "allow": true, "type": "c", "major": 1, "minor": 2, "access": "rwm" }],
              "hugepageLimits": [{ "pageSize": "2MB", "limit": 1 }], "rdma": { "m": { "hcaHandles": 1, "hcaObjects": 2 } }, "unified": { "memory.high": "1" },
              "memory": { "limit": 1, "reservation": 2, "swap": 3, "kernel": 4, "kernelTCP": 5, "swappiness": 6, "disableOOMKiller": true, "useHierarchy": true, "checkBeforeUpdate": true },
              "cpu": { "shares": 1, "quota": 2, "burst": 3, "period": 4, "realtimeRuntime": 5, "realtimePeriod": 6, "cpus": "0", "mems": "0", "idle": 1 },
              "pids": { "limit": 1 },
              "blockIO": { "weightDevice": [{ "major": 1, "minor": 2, "weight": 10, "leafWeight": 10 }], "throttleReadBpsDevice": [{ "major": 1, "minor": 2, "rate": 3 }],
                "throttleWriteBpsDevice": [{ "major": 1, "minor": 2, "rate": 3 }], "throttleReadIOPSDevice": [{ "major": 1, "minor": 2, "rate": 3 }],
                "throttleWriteIOPSDevice": [{ "major": 1, "minor": 2, "rate": 3 }], "weight": 10, "leafWeight": 11 },
              "network": { "priorities": [{ "name": "eth0", "priority": 1 }], "classID": 7 }
            },
            "cgroupsPath": "/a/b",
            "seccomp": { "architectures": ["SCMP_ARCH_X86"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
              "syscalls": [{ "names": ["read"], "args": [{ "index": 1, "value": 18446744073709551615, "valueTwo": 3, "op": "SCMP_CMP_EQ" }], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 }],
              "defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 2, "listenerPath": "/l", "listenerMetadata": "m" },
            "rootfsPropagation": "slave", "mountLabel": "ml",
            "intelRdt": { "schemata": ["L3:0=f"], "closID": "c", "l3CacheSchema": "s", "memBwSchema": "t", "enableCMT": true, "enableMBM": true, "enableMonitoring": true },
            "personality": { "flags": ["f"], "domain": "LINUX32" },
            "memoryPolicy": { "mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"] }
          }
        }
        """;

    [Fact]
    public void Every_field_survives_reading_and_writing()
    {
        byte[] written = SpecJson.Write(SpecJson.Parse(Encoding.UTF8.GetBytes(Everything)));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Everything), JsonNode.Parse(written)), Encoding.UTF8.GetString(written));
    }

    [Fact]
    public void The_reader_and_the_serializer_agree_on_every_field()
    {
        byte[] text = Encoding.UTF8.GetBytes(Everything);
        Assert.Equal(SpecJson.Write(JsonSerializer.Deserialize(text, SpecJsonContext.Default.Spec)!), SpecJson.Write(SpecJson.Parse(text)));
    }

    [Theory]
    [InlineData("{\"process\":{\"user\":{\"uid\":-1}}}", "$.process.user.uid cannot be -1")]
    [InlineData("{\"process\":{\"args\":[\"a\",7]}}", "$.process.args[1] cannot be 7")]
    [InlineData("{\"process\":{\"terminal\":null}}", "$.process.terminal")]
    [InlineData("{\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":[]}]}}", "$.linux.namespaces[1].type")]
    [InlineData("{\"mounts\":{}}", "$.mounts")]
    [InlineData("{\"mounts\":[null]}", "$.mounts[0] cannot be null")]
    [InlineData("{\"ociVersion\":1}", "$.ociVersion cannot be 1")]
    [InlineData("{\"hostname\":\"x\"", "not JSON")]
    [InlineData("{\"hostname\":\n  x}", "line 2, byte 3")]
    [InlineData("{} {}", "not JSON")]
    [InlineData("null", "$ cannot be null")]
    [InlineData("[]", "$")]
    [InlineData("", "")]
    public void What_is_not_as_expected_is_refused_with_its_place(string text, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<JsonException>(() => SpecJson.Parse(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void Unknown_fields_and_other_platforms_are_ignored()
    {
        Spec spec = SpecJson.Parse("""{"ociVersion":"1.3.0","windows":{"a":[1]},"process":{"args":["x"],"cwd":"/","futureField":{}}}"""u8);

        Assert.Equal("x", spec.Process!.Args[0]);
    }

    [Fact]
    public void Absent_and_null_collections_read_as_empty_and_are_not_written()
    {
        Spec spec = SpecJson.Parse("""{"ociVersion":"1.2.0","mounts":null,"linux":{"sysctl":null}}"""u8);

        Assert.Empty(spec.Mounts);
        Assert.Empty(spec.Annotations);
        Assert.Empty(spec.Linux!.Sysctl);
        Assert.Equal("""{"ociVersion":"1.2.0","linux":{}}""", Encoding.UTF8.GetString(SpecJson.Write(spec)));
    }

    [Fact]
    public void The_root_user_is_written_out()
    {
        var process = new Process { Args = ["sh"], Cwd = "/", User = new User() };

        Assert.Contains("\"uid\":0,\"gid\":0", Encoding.UTF8.GetString(SpecJson.Write(process)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_of_the_wrong_kind_is_refused_with_its_path()
    {
        var e = Assert.Throws<JsonException>(() => SpecJson.Parse("""{"process":{"user":{"uid":"root"}}}"""u8));

        Assert.Contains("$.process.user.uid", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        byte[] deep = Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 100_000));

        Assert.ThrowsAny<JsonException>(() => SpecJson.Parse(deep));
    }

    [Fact]
    public void A_saved_configuration_loads_again()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("spec").FullName, "config.json");
        try
        {
            SpecJson.Save(new Spec { OciVersion = "1.2.0", Hostname = "h" }, path);

            Assert.Equal("h", SpecJson.Load(path).Hostname);
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void The_state_document_has_the_fields_of_the_specification() =>
        Assert.Equal(
            """{"ociVersion":"1.2.0","id":"c1","status":"running","pid":7,"bundle":"/b"}""",
            Encoding.UTF8.GetString(SpecJson.Write(new ContainerState { OciVersion = "1.2.0", Id = "c1", Status = ContainerStatus.Running, Pid = 7, Bundle = "/b" })));
}
