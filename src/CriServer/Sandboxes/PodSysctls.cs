using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>Which kernel parameters a pod may set: those that live in a namespace which is the pod's own.</summary>
public static class PodSysctls
{
    private static readonly string[] OfIpc =
        ["kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem"];

    /// <exception cref="CriException">InvalidArgument naming the sysctl.</exception>
    public static void Check(IReadOnlyDictionary<string, string> sysctls, NamespaceOptions namespaces)
    {
        foreach ((string name, string value) in sysctls)
        {
            string dotted = Name(name);
            Value(name, value);
            Owner(dotted, namespaces);
        }
    }

    /// <summary>As sysctl(8) writes it, with dots; slashes are accepted as the kubelet accepts them.</summary>
    private static string Name(string name)
    {
        bool wellFormed = name.Length is > 0 and <= 253
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '_' or '-')
            && !name.Split('.', '/').Contains("");
        if (!wellFormed)
            throw CriException.InvalidArgument($"linux.sysctls: \"{TextLimits.Shorten(name)}\" is not the name of a sysctl");
        int separator = name.IndexOfAny(['.', '/']);
        return separator >= 0 && name[separator] == '/' ? name.Replace('/', '.') : name;
    }

    /// <summary>A value that carries separators could smuggle in a second setting (CVE-2022-0811). Blanks separate the numbers of a triple.</summary>
    private static void Value(string name, string value)
    {
        if (value.Length is 0 or > 512 || value.Any(c => char.IsControl(c) && c != '\t' || c is '+' or '=' || c > '~'))
            throw CriException.InvalidArgument($"linux.sysctls: the value of {name} may not be empty, or have '+', '=', line breaks or other control characters");
    }

    private static void Owner(string name, NamespaceOptions namespaces)
    {
        if (name.StartsWith("net.", StringComparison.Ordinal))
        {
            if (namespaces.Network == NamespaceMode.Node)
                throw CriException.InvalidArgument($"linux.sysctls: {name} would change the node, for the pod uses host networking");
        }
        else if (OfIpc.Contains(name) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal))
        {
            if (namespaces.Ipc == NamespaceMode.Node)
                throw CriException.InvalidArgument($"linux.sysctls: {name} would change the node, for the pod uses the host's ipc namespace");
        }
        else
        {
            throw CriException.InvalidArgument($"linux.sysctls: {name} belongs to no namespace, so it would change the node");
        }
    }
}
