namespace CriRuntime.Oci.Specs;

/// <summary>Checks of <c>linux.intelRdt</c>.</summary>
internal static class RdtValidation
{
    /// <summary>resctrl takes schemata in one write, of which it looks at no more than a page.</summary>
    private const int MaxSchemata = 4095;

    internal static void Check(IntelRdt rdt)
    {
        if (rdt.EnableCmt || rdt.EnableMbm)
            throw new SpecException("linux.intelRdt", "enableCMT and enableMBM are given up by the specification; enableMonitoring makes a monitoring group");
        foreach (string line in rdt.Schemata)
        {
            if (line.AsSpan().ContainsAny('\n', '\0') || !line.Contains(':', StringComparison.Ordinal))
                throw new SpecException("linux.intelRdt.schemata", $"\"{line}\" is not a line such as L3:0=ff");
        }

        Text.RequireNoNul(rdt.L3CacheSchema, "linux.intelRdt.l3CacheSchema");
        Text.RequireNoNul(rdt.MemBwSchema, "linux.intelRdt.memBwSchema");
        string schemata = ResctrlGroup.Lines(rdt);
        if (System.Text.Encoding.UTF8.GetByteCount(schemata) > MaxSchemata)
            throw new SpecException("linux.intelRdt", $"its schemata are longer than {MaxSchemata} bytes");
        if (string.IsNullOrEmpty(rdt.ClosId) ? schemata.Length == 0 && !rdt.EnableMonitoring : !Resctrl.IsClassName(rdt.ClosId))
            throw new SpecException("linux.intelRdt.closID", $"\"{rdt.ClosId}\" is not the name of a class");
        if (rdt.ClosId == Resctrl.RootClass && schemata.Length > 0)
            throw new SpecException("linux.intelRdt", "sets schemata for the root's class, which everything on the node is in");
    }
}
