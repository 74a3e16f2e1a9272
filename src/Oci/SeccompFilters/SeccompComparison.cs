using CriRuntime.Linux.Seccomp;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.SeccompFilters;

/// <summary>Argument tests of the configuration as libseccomp takes them.</summary>
internal static class SeccompComparison
{
    /// <summary>
    /// The rules that a list of tests stands for: one rule with all of them, or, when several test the same argument
    /// (which libseccomp cannot join by "and"), one rule for each, as runc has it.
    /// </summary>
    internal static SeccompFilter.Comparison[][] Rules(IReadOnlyList<SeccompArgument> arguments, string field)
    {
        var all = new SeccompFilter.Comparison[arguments.Count];
        uint seen = 0;
        bool repeated = false;
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = Convert(arguments[i], $"{field}[{i}]");
            repeated |= (seen >> (int)all[i].Argument & 1) != 0;
            seen |= 1u << (int)all[i].Argument;
        }
        return repeated ? Array.ConvertAll(all, static c => new[] { c }) : [all];
    }

    private static SeccompFilter.Comparison Convert(SeccompArgument argument, string field)
    {
        if (argument.Index > 5)
            throw new SeccompException(field + ".index", $"{argument.Index} is not in 0..5");
        int comparison = argument.Op switch
        {
            "SCMP_CMP_NE" => 1,
            "SCMP_CMP_LT" => 2,
            "SCMP_CMP_LE" => 3,
            "SCMP_CMP_EQ" => 4,
            "SCMP_CMP_GE" => 5,
            "SCMP_CMP_GT" => 6,
            "SCMP_CMP_MASKED_EQ" => 7,
            _ => throw new SeccompException(field + ".op", $"\"{argument.Op}\" is not a comparison"),
        };
        return new SeccompFilter.Comparison(argument.Index, comparison, argument.Value, argument.ValueTwo);
    }
}
