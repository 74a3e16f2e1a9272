using System.Globalization;

namespace CriRuntime.Oci.Cgroups.Controllers;

/// <summary>Collects the writes to one cgroup directory.</summary>
internal sealed class SettingList(string directory)
{
    private readonly List<CgroupStep> steps = [];

    internal IReadOnlyList<CgroupStep> Steps => steps;

    internal string Directory => directory;

    /// <summary>The file must exist and take the value.</summary>
    internal void Set(string file, string value) => steps.Add(new CgroupStep.WriteFile($"{directory}/{file}", value));

    /// <inheritdoc cref="Set(string, string)"/>
    internal void Set(string file, long value) => Set(file, value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Set(string, string)"/>
    internal void Set(string file, ulong value) => Set(file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A kernel that lacks the file or refuses the value has nothing to limit there.</summary>
    internal void TrySet(string file, string value) => steps.Add(new CgroupStep.WriteFile($"{directory}/{file}", value, Optional: true));

    internal void Add(CgroupStep step) => steps.Add(step);
}
