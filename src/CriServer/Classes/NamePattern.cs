namespace CriRuntime.CriServer.Classes;

/// <summary>
/// A pattern for one file name, as glob(7) and Go's path.Match have it: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[^a-z]</c>, <c>\</c> before what is meant
/// literally. Time is bounded by the product of the lengths, whatever the pattern.
/// </summary>
internal sealed class NamePattern
{
    private readonly List<Element> _elements = [];

    /// <summary>The name that it stands for; null: there are others.</summary>
    internal string? Literal { get; }

    /// <exception cref="FormatException">A bracket that is not closed, an empty or turned range, a <c>\</c> at the end.</exception>
    internal NamePattern(string text)
    {
        for (int at = 0; at < text.Length;)
            _elements.Add(Next(text, ref at));
        if (_elements.TrueForAll(static element => element.Single is not null))
            Literal = string.Concat(_elements.ConvertAll(static element => element.Single!.Value));
    }

    internal bool Matches(string name)
    {
        (int element, int at) = (0, 0);
        (int retryElement, int retryAt) = (-1, 0);
        while (at < name.Length)
        {
            if (element < _elements.Count && _elements[element].Any)
                (retryElement, retryAt) = (++element, at);
            else if (element < _elements.Count && _elements[element].Takes(name[at]))
                (element, at) = (element + 1, at + 1);
            else if (retryElement >= 0)
                (element, at) = (retryElement, ++retryAt); // the last star takes one more
            else
                return false;
        }

        while (element < _elements.Count && _elements[element].Any)
            element++;
        return element == _elements.Count;
    }

    private static Element Next(string text, ref int at)
    {
        switch (text[at++])
        {
            case '*':
                return new Element(Any: true);
            case '?':
                return new Element(Negated: true, Ranges: []);
            case '[':
                return Bracket(text, ref at);
            default:
                at--;
                return new Element(Single: Character(text, ref at));
        }
    }

    private static Element Bracket(string text, ref int at)
    {
        bool negated = at < text.Length && text[at] == '^';
        if (negated)
            at++;
        List<(char Low, char High)> ranges = [];
        while (at >= text.Length || text[at] != ']' || ranges.Count == 0)
        {
            char low = Character(text, ref at);
            char high = low;
            if (at < text.Length && text[at] == '-')
            {
                at++;
                high = Character(text, ref at);
            }

            ranges.Add(low <= high ? (low, high) : throw new FormatException($"\"{text}\" has a range that ends before it begins"));
        }

        at++;
        return new Element(Negated: negated, Ranges: ranges);
    }

    private static char Character(string text, ref int at)
    {
        if (at < text.Length && text[at] == '\\')
            at++;
        return at < text.Length ? text[at++] : throw new FormatException($"\"{text}\" is not a complete pattern");
    }

    /// <param name="Any">A star.</param>
    /// <param name="Single">This character alone.</param>
    private sealed record Element(bool Any = false, char? Single = null, bool Negated = false, List<(char Low, char High)>? Ranges = null)
    {
        internal bool Takes(char c)
        {
            if (Single is { } single)
                return c == single;
            foreach ((char low, char high) in Ranges!)
            {
                if (c >= low && c <= high)
                    return !Negated;
            }

            return Negated;
        }
    }
}
