namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>What has to be written to a cgroup file to take a write back.</summary>
internal static class FormerValue
{
    /// <param name="file">The file's name.</param>
    /// <param name="text">What it read as before the write, without the last newline.</param>
    /// <param name="value">What is written.</param>
    internal static string Of(string file, string text, string value)
    {
        if (!HasOneLineAKey(file))
            return text.Length > 0 ? text : "\n"; // an empty cpuset means the parent's
        int space = value.IndexOf(' ', StringComparison.Ordinal);
        string key = space > 0 ? value[..space] : "default";
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(key + " ", StringComparison.Ordinal))
                return line;
        }
        return $"{key} {Unlimited(file)}";
    }

    /// <summary>Such a file has a line for each device, and a write changes one of them.</summary>
    private static bool HasOneLineAKey(string file) =>
        file.StartsWith("io.", StringComparison.Ordinal) || file.EndsWith("_device", StringComparison.Ordinal) || file is "rdma.max" or "misc.max";

    /// <summary>What removes a key's line.</summary>
    private static string Unlimited(string file) => file switch
    {
        "io.max" => "rbps=max wbps=max riops=max wiops=max",
        "io.latency" => "target=0",
        "rdma.max" => "hca_handle=max hca_object=max",
        "misc.max" => "max",
        "io.weight" or "io.bfq.weight" => "default",
        _ => "0",
    };
}
