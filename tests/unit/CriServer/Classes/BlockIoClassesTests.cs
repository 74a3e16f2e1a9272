using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Classes;

public sealed class BlockIoClassesTests : IDisposable
{
    private readonly FakeDevices _devices = new FakeDevices()
        .Add("/dev/sda", 8, 0).Add("/dev/sda1", 8, 1, partition: true).Add("/dev/sdb", 8, 16).Add("/dev/sdc", 8, 32).Add("/dev/null", 1, 3, type: "c")
        .Link("/dev/disk/by-id/ata-VendorSSD-1", "../../sdb").Link("/dev/disk/by-id/gone-SSD", "../../sdz").Link("/dev/disk/by-id/loop-SSD", "loop-SSD");

    private readonly string _directory = Directory.CreateTempSubdirectory("criserver-blockio-").FullName;
    private readonly List<string> _warnings = [];

    private string FilePath => Path.Join(_directory, "blockio.yaml");

    public void Dispose()
    {
        _devices.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void A_class_becomes_limits_of_the_devices_that_its_patterns_match()
    {
        BlockIoResources limits = Classes(BlockIoClassFileTests.Sample).Resolve("LowPrioThrottled");
        Assert.Equal((ushort)80, limits.Weight);
        // The later item overrides what it says, and leaves the rest.
        Assert.Equal(["8:0=50000000", "8:16=100000000", "8:32=50000000"], Rates(limits.ThrottleReadBpsDevice));
        Assert.Equal(["8:0=10485760", "8:16=10485760", "8:32=10485760"], Rates(limits.ThrottleWriteBpsDevice));
        Assert.Equal(["8:0=10000", "8:16=10000", "8:32=10000"], Rates(limits.ThrottleReadIopsDevice));
        Assert.Equal(["8:0=5000", "8:16=5000", "8:32=5000"], Rates(limits.ThrottleWriteIopsDevice));
        Assert.Equal([50, 50, 50], limits.WeightDevice.Select(device => (int)device.Weight!));
    }

    [Fact]
    public void Partitions_other_nodes_dead_links_and_what_is_not_there_are_passed_over_and_told_once()
    {
        BlockIoClasses classes = Classes("Classes: { a: [{ Devices: ['/dev/sda*', /dev/null, /dev/sdz, '/dev/disk/by-id/*SSD*', /dev/sda1], ThrottleReadBps: 1k }] }");
        Assert.Equal(["8:0=1000", "8:16=1000"], Rates(classes.Resolve("a").ThrottleReadBpsDevice));
        classes.Resolve("a");
        Assert.Equal(["/dev/null", "/dev/sdz", "/dev/sda1"], _warnings.Select(line => line.Split(' ')[4]));
        Assert.All(_warnings, line => Assert.StartsWith("block I/O class \"a\": ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_class_is_refused_naming_it_and_those_that_are_there()
    {
        CriException e = Assert.Throws<CriException>(() => Classes(BlockIoClassFileTests.Sample).Resolve("gold"));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Equal($"block I/O class \"gold\" is not in {FilePath}, which has HighPrioFullSpeed, LowPrioThrottled, Nothing", e.Message);
    }

    [Fact]
    public void Without_a_file_a_class_is_refused_naming_the_key()
    {
        CriException e = Assert.Throws<CriException>(() => new BlockIoClasses("", _warnings.Add).Resolve("gold"));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("containers.blockIoClasses", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_counts_for_the_next_container_and_a_broken_one_does_not()
    {
        BlockIoClasses classes = Classes("Classes: { a: [{ Weight: 20 }] }");
        Assert.Equal((ushort)20, classes.Resolve("a").Weight);
        Write("Classes: { a: [{ Weight: 300 }], b: [] }");
        Assert.Equal((ushort)300, classes.Resolve("a").Weight);
        Write("Classes: { a: [{ Weight: 4 }] }");
        Assert.Equal((ushort)300, classes.Resolve("a").Weight);
        File.Delete(FilePath);
        Assert.Equal((ushort)300, classes.Resolve("a").Weight);
        Assert.Equal(2, _warnings.Count);
        Assert.Contains("Weight: 4 is not between", _warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_never_usable_is_the_reason_of_the_refusal() =>
        Assert.Contains("not an object", Assert.Throws<CriException>(() => Classes("[]").Resolve("a")).Message, StringComparison.Ordinal);

    private BlockIoClasses Classes(string yaml)
    {
        Write(yaml);
        return new BlockIoClasses(FilePath, _warnings.Add, _devices.Node);
    }

    private void Write(string yaml) => File.WriteAllText(FilePath, yaml);

    private static IEnumerable<string> Rates(IReadOnlyList<ThrottleDevice> devices) => devices.Select(device => $"{device.Major}:{device.Minor}={device.Rate}");
}
