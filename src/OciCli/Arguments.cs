using System.Globalization;

namespace CriRuntime.OciCli;

/// <summary>
/// Options and operands of one command, read from left to right: <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>, flags without a value, <c>--</c>.
/// What is not asked for is an error.
/// </summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> values = new(StringComparer.Ordinal);

    /// <param name="arguments">The words after the command.</param>
    /// <param name="flags">Options without a value, such as <c>--force</c>; an alias after a bar: <c>--force|-f</c>.</param>
    /// <param name="options">Options with a value, likewise.</param>
    /// <param name="operands">How many operands end the options: what comes after that many is not looked at.</param>
    /// <exception cref="UsageException"/>
    internal Arguments(ReadOnlySpan<string> arguments, ReadOnlySpan<string> flags, ReadOnlySpan<string> options, int operands)
    {
        List<string> rest = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            string word = arguments[i];
            if (rest.Count >= operands || word == "--" || word.Length < 2 || word[0] != '-')
            {
                if (word == "--" && rest.Count < operands)
                    operands = rest.Count;
                else
                    rest.Add(word);
                continue;
            }
            i = Take(arguments, i, flags, options);
        }
        Operands = rest;
    }

    internal IReadOnlyList<string> Operands { get; }

    internal bool Has(string flag) => values.ContainsKey(flag);

    /// <summary>The last value given; null for none.</summary>
    internal string? Value(string option) => values.TryGetValue(option, out List<string>? given) ? given[^1] : null;

    internal IReadOnlyList<string> Values(string option) => values.TryGetValue(option, out List<string>? given) ? given : [];

    internal int Number(string option)
    {
        if (Value(option) is not { } text)
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new UsageException($"{option} {text}: not a number");
    }

    /// <summary>The only operand.</summary>
    internal string Single(string what) =>
        Operands.Count == 1 ? Operands[0] : throw new UsageException(Operands.Count == 0 ? $"{what} is missing" : $"unexpected argument \"{Operands[1]}\"");

    private int Take(ReadOnlySpan<string> arguments, int i, ReadOnlySpan<string> flags, ReadOnlySpan<string> options)
    {
        string word = arguments[i];
        int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
        string name = equals < 0 ? word : word[..equals];
        if (Find(flags, name) is { } flag)
        {
            if (equals < 0 || word[(equals + 1)..] == "true")
                Add(flag, "true");
            return i;
        }
        string option = Find(options, name) ?? throw new UsageException($"there is no option {name}");
        if (equals >= 0)
            Add(option, word[(equals + 1)..]);
        else if (++i < arguments.Length)
            Add(option, arguments[i]);
        else
            throw new UsageException($"{name} needs a value");
        return i;
    }

    private void Add(string option, string value)
    {
        if (!values.TryGetValue(option, out List<string>? given))
            values[option] = given = [];
        given.Add(value);
    }

    private static string? Find(ReadOnlySpan<string> known, string name)
    {
        foreach (string entry in known)
        {
            string[] names = entry.Split('|');
            if (names.Contains(name))
                return names[0];
        }
        return null;
    }
}
