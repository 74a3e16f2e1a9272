namespace CriRuntime.Images.Store;

/// <summary>Short directory names of layers: a number in base 36.</summary>
internal static class LayerName
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    public static string Of(long number)
    {
        Span<char> text = stackalloc char[13];
        int start = text.Length;
        do
        {
            text[--start] = Digits[(int)(number % Digits.Length)];
            number /= Digits.Length;
        }
        while (number > 0);
        return new string(text[start..]);
    }

    /// <summary>The number of a name; 0 for what is no such name.</summary>
    public static long Number(string name)
    {
        long number = 0;
        foreach (char c in name)
        {
            int digit = Digits.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0 || name.Length > 10)
            {
                return 0;
            }

            number = (number * Digits.Length) + digit;
        }

        return number;
    }
}
