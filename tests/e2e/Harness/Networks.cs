using System.Globalization;
using System.Net;

namespace CriRuntime.E2e.Harness;

/// <summary>CNI configurations of the tests: real plugins, subnets inside the run's network namespace.</summary>
internal static class Networks
{
    private static int s_count;

    /// <summary>bridge + host-local + portmap, with a bridge and a subnet of this daemon's own.</summary>
    internal static void Bridge(Daemon daemon) => Bridge(daemon, Interlocked.Increment(ref s_count), ["10.99.{0}.0/24"], ["0.0.0.0/0"]);

    /// <summary>The same with an IPv6 subnet beside it.</summary>
    /// <returns>The bridge's addresses, which are those of the node for the pods.</returns>
    internal static (IPAddress V4, IPAddress V6) DualStack(Daemon daemon)
    {
        int number = Interlocked.Increment(ref s_count);
        Bridge(daemon, number, ["10.99.{0}.0/24", "fd00:99:{0}::/64"], ["0.0.0.0/0", "::/0"]);
        return (IPAddress.Parse($"10.99.{number}.1"), IPAddress.Parse($"fd00:99:{number}::1"));
    }

    private static void Bridge(Daemon daemon, int number, string[] subnets, string[] destinations)
    {
        string ranges = string.Join(", ", subnets.Select(subnet => $$"""[{ "subnet": "{{string.Format(CultureInfo.InvariantCulture, subnet, number)}}" }]"""));
        string routes = string.Join(", ", destinations.Select(destination => $$"""{ "dst": "{{destination}}" }"""));
        File.WriteAllText(Path.Combine(daemon.CniConfDir, "10-bridge.conflist"), $$"""
            {
              "cniVersion": "1.0.0",
              "name": "e2e{{number}}",
              "plugins": [
                {
                  "type": "bridge", "bridge": "e2e{{number}}", "isGateway": true, "ipMasq": false, "hairpinMode": true,
                  "ipam": { "type": "host-local", "dataDir": "{{daemon.Base}}/ipam", "ranges": [{{ranges}}], "routes": [{{routes}}] }
                },
                { "type": "portmap", "capabilities": { "portMappings": true }, "snat": true }
              ]
            }
            """);
    }
}
