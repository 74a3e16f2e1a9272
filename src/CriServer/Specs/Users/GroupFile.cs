namespace CriRuntime.CriServer.Specs.Users;

/// <summary>One line of group(5).</summary>
public sealed record GroupEntry(string Name, uint Gid, IReadOnlyList<string> Members);

/// <summary>Entries of an image's /etc/group. Lines that are not as group(5) wants them do not count.</summary>
public static class GroupFile
{
    public static IEnumerable<GroupEntry> Parse(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 4 && fields[0].Length > 0 && fields[0][0] is not ('#' or '+' or '-') && UserIds.TryParse(fields[2], out uint gid))
                yield return new GroupEntry(fields[0], gid, fields[3].Trim().Split(',', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
