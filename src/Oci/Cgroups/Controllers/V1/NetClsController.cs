using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V1;

/// <summary>net_cls.classid.</summary>
internal sealed class NetClsController : Controller
{
    internal override string Name => "net_cls";

    internal override string? Requested(LinuxResources resources) =>
        resources.Network?.ClassId is > 0 ? "linux.resources.network.classID" : null;

    internal override void Apply(LinuxResources resources, SettingList settings) =>
        settings.Set("net_cls.classid", resources.Network!.ClassId!.Value);
}
