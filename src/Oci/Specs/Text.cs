namespace CriRuntime.Oci.Specs;

/// <summary>Checks of strings that become C strings and paths.</summary>
internal static class Text
{
    internal static void RequireSet(string? value, string field)
    {
        if (string.IsNullOrEmpty(value))
            throw new SpecException(field, "is required");
        RequireNoNul(value, field);
    }

    internal static void RequireAbsolute(string? value, string field)
    {
        RequireSet(value, field);
        if (value![0] != '/')
            throw new SpecException(field, $"\"{value}\" is not an absolute path");
    }

    internal static void RequireNoNul(string? value, string field)
    {
        if (value is not null && value.Contains('\0', StringComparison.Ordinal))
            throw new SpecException(field, "contains a NUL character");
    }

    internal static void RequireNoNul(IReadOnlyList<string> values, string field)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is null)
                throw new SpecException($"{field}[{i}]", "is null");
            RequireNoNul(values[i], $"{field}[{i}]");
        }
    }

    internal static void RequireNoLongerThan(string? value, int bytes, string field)
    {
        RequireNoNul(value, field);
        if (value is not null && System.Text.Encoding.UTF8.GetByteCount(value) > bytes)
            throw new SpecException(field, $"is longer than {bytes} bytes");
    }
}
