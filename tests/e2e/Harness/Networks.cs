namespace CriRuntime.E2e.Harness;

/// <summary>CNI configurations of the tests: real plugins, subnets inside the run's network namespace.</summary>
internal static class Networks
{
    private static int s_count;

    /// <summary>bridge + host-local + portmap, with a bridge and a subnet of this daemon's own.</summary>
    internal static void Bridge(Daemon daemon)
    {
        int number = Interlocked.Increment(ref s_count);
        File.WriteAllText(Path.Combine(daemon.CniConfDir, "10-bridge.conflist"), $$"""
            {
              "cniVersion": "1.0.0",
              "name": "e2e{{number}}",
              "plugins": [
                {
                  "type": "bridge", "bridge": "e2e{{number}}", "isGateway": true, "ipMasq": false, "hairpinMode": true,
                  "ipam": {
                    "type": "host-local", "dataDir": "{{daemon.Base}}/ipam",
                    "ranges": [[{ "subnet": "10.99.{{number}}.0/24" }]], "routes": [{ "dst": "0.0.0.0/0" }]
                  }
                },
                { "type": "portmap", "capabilities": { "portMappings": true }, "snat": true }
              ]
            }
            """);
    }
}
