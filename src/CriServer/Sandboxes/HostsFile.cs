namespace CriRuntime.CriServer.Sandboxes;

/// <summary>The text of a pod's /etc/hosts before its addresses are known. (The kubelet mounts its own over it.)</summary>
public static class HostsFile
{
    public static string Format(string hostname) =>
        $"""
        127.0.0.1	localhost
        ::1	localhost ip6-localhost ip6-loopback
        fe00::0	ip6-localnet
        fe00::0	ip6-mcastprefix
        fe00::1	ip6-allnodes
        fe00::2	ip6-allrouters
        127.0.1.1	{hostname}

        """;
}
