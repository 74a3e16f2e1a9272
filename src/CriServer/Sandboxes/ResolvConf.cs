using System.Text;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>The text of a pod's /etc/resolv.conf (resolv.conf(5)).</summary>
public static class ResolvConf
{
    public static string Format(DnsConfig dns)
    {
        StringBuilder text = new();
        if (dns.Searches.Count > 0)
            text.Append("search ").AppendJoin(' ', dns.Searches).Append('\n');
        foreach (string server in dns.Servers)
            text.Append("nameserver ").Append(server).Append('\n');
        if (dns.Options.Count > 0)
            text.Append("options ").AppendJoin(' ', dns.Options).Append('\n');
        return text.ToString();
    }
}
