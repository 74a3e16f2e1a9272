using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Cgroups;

public sealed class DeviceRulesTests
{
    private static readonly DeviceRule DenyAll = new() { Allow = false, Access = "rwm" };
    private static readonly DeviceRule AllowAll = new() { Allow = true, Type = "a", Access = "rwm" };

    [Theory]
    [InlineData('c', 1, 3, "rwm", true)] // null
    [InlineData('c', 136, 77, "rw", true)] // a terminal
    [InlineData('c', 1, 1, "r", false)] // mem
    [InlineData('c', 1, 1, "m", true)] // mknod gives no access
    [InlineData('b', 8, 0, "r", false)]
    [InlineData('b', 8, 0, "m", true)]
    [InlineData('b', 1, 3, "r", false)] // not the character device
    [InlineData('c', 10, 200, "rw", false)] // net/tun
    public void Without_rules_a_container_has_the_default_devices_only(char type, uint major, uint minor, string access, bool allowed) =>
        Assert.Equal(allowed, EbpfInterpreter.Allows(Program([]), type, major, minor, access));

    [Fact]
    public void A_privileged_container_may_use_everything()
    {
        Assert.True(EbpfInterpreter.Allows(Program([DenyAll, AllowAll]), 'b', 8, 0, "rwm"));
        Assert.Equal(["devices.allow=a"], Lines([DenyAll, AllowAll]));
    }

    [Fact]
    public void A_later_rule_overrides_an_earlier_one_for_its_accesses_only()
    {
        ReadOnlySpan<byte> program = Program([Rule(true, "c", 10, 229, "rw"), Rule(false, "c", 10, 229, "w")]);

        Assert.True(EbpfInterpreter.Allows(program, 'c', 10, 229, "r"));
        Assert.False(EbpfInterpreter.Allows(program, 'c', 10, 229, "w"));
        Assert.False(EbpfInterpreter.Allows(program, 'c', 10, 229, "rw"));
        Assert.Contains("devices.allow=c 10:229 r", Lines([Rule(true, "c", 10, 229, "rw"), Rule(false, "c", 10, 229, "w")]));
    }

    [Fact]
    public void Accesses_may_come_from_several_rules() =>
        Assert.True(EbpfInterpreter.Allows(Program([Rule(true, "b", 8, 0, "r"), Rule(true, "b", 8, null, "w")]), 'b', 8, 0, "rw"));

    [Fact]
    public void Everything_but_one_device_can_be_allowed()
    {
        DeviceRule[] rules = [AllowAll, Rule(false, "b", 8, 0, "rwm")];

        Assert.False(EbpfInterpreter.Allows(Program(rules), 'b', 8, 0, "r"));
        Assert.True(EbpfInterpreter.Allows(Program(rules), 'b', 8, 1, "r"));
    }

    [Fact]
    public void A_large_device_number_is_not_mistaken_for_all() =>
        Assert.False(EbpfInterpreter.Allows(Program([Rule(true, "c", uint.MaxValue, null, "r")]), 'c', 5, 5, "r"));

    [Fact]
    public void On_v1_everything_is_denied_first_and_each_device_is_one_line() => Assert.Equal(
        [
            "devices.deny=a", "devices.allow=b 8:0 rwm", "devices.allow=c *:* m", "devices.allow=b *:* m", "devices.allow=c 1:3 rwm", "devices.allow=c 1:5 rwm",
            "devices.allow=c 1:7 rwm", "devices.allow=c 1:8 rwm", "devices.allow=c 1:9 rwm", "devices.allow=c 5:0 rwm", "devices.allow=c 5:2 rwm", "devices.allow=c 136:* rwm",
        ],
        Lines([DenyAll, Rule(true, "b", 8, 0, "rwm")]));

    [Fact]
    public void What_v1_cannot_express_is_refused_rather_than_ignored()
    {
        var e = Assert.Throws<CgroupException>(() => Lines([Rule(true, "c", 10, null, "rwm"), Rule(false, "c", 10, 229, "rwm")]));

        Assert.Contains("deny c 10:229 rwm cuts a part out of the earlier rule c 10:* rwm", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_versions_decide_alike()
    {
        var random = new Random(7);
        for (int round = 0; round < 300; round++)
        {
            DeviceRule[] rules = [DenyAll, .. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Rule(random.Next(4) > 0, "bca"[random.Next(3)].ToString(), Number(random), Number(random), "rwm"[..random.Next(1, 4)]))];
            string[] lines;
            try
            {
                lines = Lines(rules);
            }
            catch (CgroupException)
            {
                continue; // v1 cannot express it
            }
            foreach (char type in "bc")
            {
                for (uint device = 0; device < 16; device++)
                {
                    foreach (string access in new[] { "r", "w", "m", "rw" })
                    {
                        bool v1 = V1Allows(lines, type, device / 4, device % 4, access);
                        // The v1 kernel wants one exception to cover a request; the accesses one by one are comparable.
                        if (access.Length == 1)
                            Assert.Equal(v1, EbpfInterpreter.Allows(Program(rules), type, device / 4, device % 4, access));
                    }
                }
            }
        }

        static long? Number(Random random) => random.Next(3) == 0 ? null : random.Next(4);
    }

    private static DeviceRule Rule(bool allow, string type, long? major, long? minor, string access) =>
        new() { Allow = allow, Type = type, Major = major, Minor = minor, Access = access };

    private static ReadOnlySpan<byte> Program(DeviceRule[] rules) =>
        Hosts.Plan(Hosts.Unified, new LinuxResources { Devices = rules }).Steps.OfType<CgroupStep.AttachDeviceProgram>().Single().Program.AsSpan();

    private static string[] Lines(DeviceRule[] rules) =>
        [.. Hosts.Plan(Hosts.Hybrid, new LinuxResources { Devices = rules }).Steps.OfType<CgroupStep.WriteFile>()
            .Where(static w => w.Path.Contains("/devices.", StringComparison.Ordinal)).Select(static w => $"{Path.GetFileName(w.Path)}={w.Value}")];

    /// <summary>What devices.rst says of the lines that were written.</summary>
    private static bool V1Allows(string[] lines, char type, uint major, uint minor, string access)
    {
        bool defaultAllow = lines[0] == "devices.allow=a";
        bool exception = lines.Skip(1).Any(line =>
        {
            string[] words = line.Split('=')[1].Split(' ', ':');
            bool meets = words[0][0] == type && (words[1] == "*" || words[1] == $"{major}") && (words[2] == "*" || words[2] == $"{minor}");
            return meets && (defaultAllow ? access.Any(words[3].Contains) : access.All(words[3].Contains));
        });
        return exception != defaultAllow;
    }
}
