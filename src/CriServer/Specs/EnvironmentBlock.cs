using CriRuntime.CriServer.Containers;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>
/// A container's environment: what the image says, then what the pod says, a later value replacing an earlier one in its place, and defaults for what
/// every program expects.
/// </summary>
public static class EnvironmentBlock
{
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static IReadOnlyList<string> Build(ContainerConfig config, ContainerImage image, string hostname, string home)
    {
        List<string> block = [];
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        Set("PATH", DefaultPath);
        if (config.Tty)
            Set("TERM", "xterm");
        Set("HOSTNAME", hostname);
        Set("HOME", home);
        foreach (string entry in image.Environment)
        {
            int separator = entry.IndexOf('=');
            if (separator > 0 && !entry.Contains('\0'))
                Set(entry[..separator], entry[(separator + 1)..]);
        }

        foreach ((string name, byte[] value) in config.Environment)
            Set(name, SurrogateEscape.Decode(value));
        return block;

        void Set(string name, string value)
        {
            if (places.TryGetValue(name, out int place))
            {
                block[place] = $"{name}={value}";
                return;
            }

            places[name] = block.Count;
            block.Add($"{name}={value}");
        }
    }
}
