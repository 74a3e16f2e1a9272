namespace CriRuntime.CriServer.Specs.Users;

/// <summary>One line of passwd(5).</summary>
public sealed record PasswdEntry(string Name, uint Uid, uint Gid, string Home);

/// <summary>Entries of an image's /etc/passwd. Lines that are not as passwd(5) wants them do not count.</summary>
public static class PasswdFile
{
    public static IEnumerable<PasswdEntry> Parse(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 6 && fields[0].Length > 0 && fields[0][0] is not ('#' or '+' or '-')
                && UserIds.TryParse(fields[2], out uint uid) && UserIds.TryParse(fields[3], out uint gid))
            {
                yield return new PasswdEntry(fields[0], uid, gid, SafeHome(fields[5]));
            }
        }
    }

    /// <summary>A home that is no absolute path, or could break out of a line of some file (CVE-2022-4318), is no home.</summary>
    private static string SafeHome(string home) =>
        home.StartsWith('/') && home.Length < 4096 && !home.Any(char.IsControl) ? home : "/";
}
