using System.Text;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>What criu says of a failure, out of the log that it writes.</summary>
public static class CriuLog
{
    private const int Tail = 64 << 10;
    private const int MaxLines = 3;

    /// <summary>The first errors of the log's end, joined; "it says nothing" where there is none. Never more than some hundred characters.</summary>
    public static string Errors(string path)
    {
        if (!File.Exists(path))
            return "it says nothing";
        using FileStream log = File.OpenRead(path);
        log.Seek(-Math.Min(log.Length, Tail), SeekOrigin.End);
        using StreamReader reader = new(log, Encoding.UTF8);
        return ErrorsIn(reader.ReadToEnd());
    }

    /// <inheritdoc cref="Errors"/>
    public static string ErrorsIn(string log)
    {
        // "(00.012345) Error (criu/vdso.c:123): vdso: ..."; what comes first is the cause, the rest follows from it.
        const string Mark = "Error (";
        List<string> errors = [];
        foreach (string line in log.Split('\n'))
        {
            int start = line.IndexOf(Mark, StringComparison.Ordinal);
            if (start < 0 || errors.Count == MaxLines)
                continue;
            int text = line.IndexOf("): ", start, StringComparison.Ordinal);
            string said = (text < 0 ? line[start..] : line[(text + 3)..]).Trim();
            errors.Add(said.Length > 300 ? said[..300] : said);
        }

        return errors.Count == 0 ? "it says nothing" : string.Join("; ", errors);
    }
}
