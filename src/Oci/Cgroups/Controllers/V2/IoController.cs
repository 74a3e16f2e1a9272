using System.Globalization;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V2;

/// <summary>io.weight, io.bfq.weight, io.max.</summary>
internal sealed class IoController : Controller
{
    internal override string Name => "io";

    internal override string? Requested(LinuxResources resources) =>
        resources.BlockIo is { } io && (io.Weight is > 0 || io.WeightDevice.Count > 0
            || io.ThrottleReadBpsDevice.Count > 0 || io.ThrottleWriteBpsDevice.Count > 0
            || io.ThrottleReadIopsDevice.Count > 0 || io.ThrottleWriteIopsDevice.Count > 0)
            ? "linux.resources.blockIO"
            : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        BlockIoResources io = resources.BlockIo!;
        SetWeights(io, settings);
        Throttle(io.ThrottleReadBpsDevice, "rbps", settings);
        Throttle(io.ThrottleWriteBpsDevice, "wbps", settings);
        Throttle(io.ThrottleReadIopsDevice, "riops", settings);
        Throttle(io.ThrottleWriteIopsDevice, "wiops", settings);
    }

    /// <summary>The BFQ scheduler and the cost model each have a weight file, and a kernel may have either: both get the weight.</summary>
    private static void SetWeights(BlockIoResources io, SettingList settings)
    {
        if (io.Weight is > 0 and { } weight)
        {
            settings.TrySet("io.bfq.weight", weight.ToString(CultureInfo.InvariantCulture));
            settings.TrySet("io.weight", string.Create(CultureInfo.InvariantCulture, $"default {Conversion.BlockIoToIoWeight(weight)}"));
        }
        foreach (WeightDevice device in io.WeightDevice)
        {
            if (device.Weight is not (> 0 and { } own))
                continue;
            settings.TrySet("io.bfq.weight", string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor} {own}"));
            settings.TrySet("io.weight", string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor} {Conversion.BlockIoToIoWeight(own)}"));
        }
    }

    private static void Throttle(IReadOnlyList<ThrottleDevice> devices, string key, SettingList settings)
    {
        foreach (ThrottleDevice device in devices)
        {
            string rate = device.Rate == 0 ? "max" : device.Rate.ToString(CultureInfo.InvariantCulture);
            settings.Set("io.max", string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor} {key}={rate}"));
        }
    }
}
