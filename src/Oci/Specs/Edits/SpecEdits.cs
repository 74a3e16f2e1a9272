namespace CriRuntime.Oci.Specs.Edits;

/// <summary>Changes to a finished specification, as devices' vendors (CDI) and plugins (NRI) ask for them.</summary>
public static class SpecEdits
{
    /// <summary>Sets a variable in its place, or behind the others.</summary>
    public static void SetVariable(List<string> environment, string name, string value)
    {
        int place = PlaceOf(environment, name);
        if (place >= 0)
            environment[place] = $"{name}={value}";
        else
            environment.Add($"{name}={value}");
    }

    /// <summary>Fine when there is none.</summary>
    public static void RemoveVariable(List<string> environment, string name)
    {
        int place = PlaceOf(environment, name);
        if (place >= 0)
            environment.RemoveAt(place);
    }

    /// <summary>A node in place of one at the same path, and with it the right to use it.</summary>
    /// <param name="access">Of <c>r</c>, <c>w</c> and <c>m</c>; empty: the node alone. A pipe needs none.</param>
    public static LinuxSection WithDevice(LinuxSection linux, LinuxDevice device, string access)
    {
        linux = WithoutDevice(linux, device.Path);
        linux = linux with { Devices = [.. linux.Devices, device] };
        if (access.Length == 0 || device.Type is not ("b" or "c" or "u"))
            return linux;
        LinuxResources resources = linux.Resources ?? new LinuxResources();
        DeviceRule rule = new() { Allow = true, Type = device.Type == "b" ? "b" : "c", Major = device.Major, Minor = device.Minor, Access = access };
        return linux with { Resources = resources with { Devices = [.. resources.Devices, rule] } };
    }

    /// <summary>The node is not made. What may be used stays as it is.</summary>
    public static LinuxSection WithoutDevice(LinuxSection linux, string path) =>
        linux with { Devices = [.. linux.Devices.Where(device => device.Path != path)] };

    /// <summary>Those above others first, as a mount hides what was mounted below it before; equals stay in their order.</summary>
    public static IReadOnlyList<Mount> InOrder(IEnumerable<Mount> mounts) => [.. mounts.OrderBy(static mount => mount.Destination.AsSpan().TrimEnd('/').Count('/'))];

    private static int PlaceOf(List<string> environment, string name) =>
        environment.FindIndex(entry => entry.Length > name.Length && entry[name.Length] == '=' && entry.StartsWith(name, StringComparison.Ordinal));
}
