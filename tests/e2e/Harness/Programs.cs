namespace CriRuntime.E2e.Harness;

/// <summary>Where the published programs are; run.sh checked that they exist.</summary>
internal static class Programs
{
    internal static string CriRuntime => Required("CRIRUNTIME");

    internal static string CriConmon => Required("CRI_CONMON");

    internal static string CriOci => Required("CRI_OCI");

    /// <summary>The cgroup below which everything of this run lives, e.g. <c>/criruntime-e2e-123</c>.</summary>
    internal static string Cgroup => Required("E2E_CGROUP");

    /// <summary>A file of the checkout that these tests were built in.</summary>
    internal static string InCheckout(string path)
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "CriRuntime.sln")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException($"No checkout above {AppContext.BaseDirectory}; {path} is looked for in it.");
        return Path.Combine(directory, path);
    }

    /// <summary>The daemons are to use the systemd driver (E2E_CGROUP_DRIVER=systemd): then the run's cgroup is a slice, e.g. <c>/criruntimee2e.slice</c>.</summary>
    internal static bool SystemdCgroups => Environment.GetEnvironmentVariable("E2E_CGROUP_DRIVER") == "systemd";

    /// <summary>How much longer things may take than on the hardware that the tests' limits were made for (E2E_TIME_FACTOR): 10 in an emulated machine.</summary>
    internal static double TimeFactor { get; } =
        double.Parse(Environment.GetEnvironmentVariable("E2E_TIME_FACTOR") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"{variable} is not set; run these tests by tests/e2e/run.sh (or ./test.sh e2e)");
}
