using System.Text;
using CriRuntime.CriServer.Classes;

namespace CriRuntime.CriServer.Tests.Classes;

public sealed class BlockIoClassFileTests : IDisposable
{
    /// <summary>In the form that the tools of this field document.</summary>
    internal const string Sample = """
        Classes:

          # Throttled, and low in the scheduler.
          LowPrioThrottled:
            - Weight: 80
            - Devices:
                - /dev/sd[a-z]
                - /dev/vd[a-z]
              ThrottleReadBps: 50M   # bytes a second
              ThrottleWriteBps: 10Mi
              ThrottleReadIOPS: 10k
              ThrottleWriteIOPS: 5000
              Weight: 50
            - Devices:
                - /dev/disk/by-id/*SSD*
              ThrottleReadBps: "100M"

          HighPrioFullSpeed:
            - Weight: "400"

          Nothing:
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("criserver-blockio-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_sample_is_read()
    {
        SortedDictionary<string, IReadOnlyList<BlockIoRule>> classes = Parse(Sample);
        Assert.Equal(["HighPrioFullSpeed", "LowPrioThrottled", "Nothing"], classes.Keys);
        Assert.Equal((ushort)400, Assert.Single(classes["HighPrioFullSpeed"]).Weight);
        Assert.Empty(classes["Nothing"]);
        IReadOnlyList<BlockIoRule> low = classes["LowPrioThrottled"];
        Assert.Equal((null, (ushort)80), (low[0].Devices, low[0].Weight!.Value));
        Assert.Equal(["/dev/sd[a-z]", "/dev/vd[a-z]"], low[1].Devices!.Select(pattern => pattern.ToString()));
        Assert.Equal((50_000_000ul, 10_485_760ul, 10_000ul, 5000ul, (ushort)50), (low[1].ReadBps!.Value, low[1].WriteBps!.Value, low[1].ReadIops!.Value, low[1].WriteIops!.Value, low[1].Weight!.Value));
        Assert.Equal((100_000_000ul, null, null), (low[2].ReadBps!.Value, low[2].WriteBps, low[2].Weight));
    }

    [Fact]
    public void Json_says_the_same()
    {
        const string Json = """{ "Classes": { "a": [ { "Devices": ["/dev/vda"], "ThrottleReadBps": "1M", "Weight": 10 } ] } }""";
        foreach (bool json in (bool[])[true, false])
        {
            BlockIoRule rule = Assert.Single(BlockIoClassFile.Parse(Encoding.UTF8.GetBytes(Json), json)["a"]);
            Assert.Equal(("/dev/vda", 1_000_000ul, (ushort)10), (Assert.Single(rule.Devices!).ToString(), rule.ReadBps!.Value, rule.Weight!.Value));
        }
    }

    [Theory]
    [InlineData("classes: {}", "the file.classes is not a field")]
    [InlineData("Classes: []", "the file.Classes is not an object")]
    [InlineData("Classes: { a: 5 }", "Classes.a is not a list")]
    [InlineData("Classes: { a: [5] }", "Classes.a is not a list of objects")]
    [InlineData("Classes: { a: [{ Wait: 5 }] }", "Classes.a[0].Wait")]
    [InlineData("Classes: { a: [{ Weight: 9 }] }", "Classes.a[0].Weight: 9 is not between 10 and 1000")]
    [InlineData("Classes: { a: [{ Weight: 99999 }] }", "not between 10 and 1000")]
    [InlineData("Classes: { a: [{ Weight: -2 }] }", "-2")]
    [InlineData("Classes: { a: [{ Weight: 1e400 }] }", "1e400")]
    [InlineData("Classes: { a: [{ Devices: [/dev/sda], ThrottleReadBps: 50 Mega }] }", "ThrottleReadBps: \"50 Mega\" is not a quantity")]
    [InlineData("Classes: { a: [{ Devices: [/dev/sda], ThrottleReadBps: 99999999999999999999999999999999E }] }", "not a quantity")]
    [InlineData("Classes: { a: [{ Devices: [/dev/sda], ThrottleReadIOPS: 5G }] }", "not between 0 and 4294967295")]
    [InlineData("Classes: { a: [{ Devices: [/dev/sda], ThrottleReadBps: [1] }] }", "is not a string or a number")]
    [InlineData("Classes: { a: [{ ThrottleReadBps: 5M }] }", "lists no Devices")]
    [InlineData("Classes: { a: [{ Devices: [/etc/*] }] }", "\"/etc/*\" is not a path below /dev")]
    [InlineData("Classes: { a: [{ Devices: [/dev/../etc] }] }", "not a path below /dev")]
    [InlineData("Classes: { a: [{ Devices: ['/dev/sd[a'] }] }", "sd[a")]
    [InlineData("Classes: { '': [] }", "no name")]
    [InlineData("Classes: { a: [], a: [] }", "")]
    [InlineData("Classes: &c { a: [{ Devices: *c }] }", "alias")]
    [InlineData("Classes: &c { a: *c }", "alias")]
    [InlineData("Classes: {", "")]
    public void What_is_wrong_is_said(string yaml, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => Parse(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_huge_file_is_refused_and_not_taken_into_memory()
    {
        string path = Path.Join(_directory, "huge.yaml");
        using (FileStream file = File.Create(path))
            file.SetLength(1L << 40); // sparse
        Assert.Contains("larger than 1048576 bytes", BlockIoClassFile.ProblemOf(path)!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_without_end_in_the_files_place_is_refused() =>
        Assert.Contains("larger than", BlockIoClassFile.ProblemOf("/dev/zero")!, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_or_a_directory_is_a_problem_in_words()
    {
        Assert.Contains("no.yaml", BlockIoClassFile.ProblemOf(Path.Join(_directory, "no.yaml"))!, StringComparison.Ordinal);
        Assert.Contains(_directory, BlockIoClassFile.ProblemOf(_directory)!, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        Random random = new(1);
        byte[] original = Encoding.UTF8.GetBytes(Sample);
        for (int i = 0; i < 3000; i++)
        {
            byte[] mutated = [.. original];
            for (int n = random.Next(1, 6); n > 0; n--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(9, 127);
            try
            {
                BlockIoClassFile.Parse(mutated, json: false);
            }
            catch (FormatException)
            {
                // Refused: the other of the two outcomes.
            }
        }
    }

    private static SortedDictionary<string, IReadOnlyList<BlockIoRule>> Parse(string yaml) => BlockIoClassFile.Parse(Encoding.UTF8.GetBytes(yaml), json: false);
}
