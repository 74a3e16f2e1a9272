using System.Globalization;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V1;

/// <summary>blkio.bfq.weight (the only weight since kernel 5.0, and there where BFQ is) and blkio.throttle.*.</summary>
internal sealed class BlkioController : Controller
{
    internal override string Name => "blkio";

    internal override string? Requested(LinuxResources resources) =>
        resources.BlockIo is { } io && (io.Weight is > 0 || io.WeightDevice.Count > 0
            || io.ThrottleReadBpsDevice.Count > 0 || io.ThrottleWriteBpsDevice.Count > 0
            || io.ThrottleReadIopsDevice.Count > 0 || io.ThrottleWriteIopsDevice.Count > 0)
            ? "linux.resources.blockIO"
            : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        BlockIoResources io = resources.BlockIo!;
        if (io.Weight is > 0 and { } weight)
            settings.TrySet("blkio.bfq.weight", weight.ToString(CultureInfo.InvariantCulture));
        foreach (WeightDevice device in io.WeightDevice)
        {
            if (device.Weight is > 0 and { } own)
                settings.TrySet("blkio.bfq.weight_device", string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor} {own}"));
        }
        Throttle(io.ThrottleReadBpsDevice, "blkio.throttle.read_bps_device", settings);
        Throttle(io.ThrottleWriteBpsDevice, "blkio.throttle.write_bps_device", settings);
        Throttle(io.ThrottleReadIopsDevice, "blkio.throttle.read_iops_device", settings);
        Throttle(io.ThrottleWriteIopsDevice, "blkio.throttle.write_iops_device", settings);
    }

    private static void Throttle(IReadOnlyList<ThrottleDevice> devices, string file, SettingList settings)
    {
        foreach (ThrottleDevice device in devices)
            settings.Set(file, string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor} {device.Rate}"));
    }
}
