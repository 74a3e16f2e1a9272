using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Lsm;

/// <summary>AppArmor as the node has it: which profiles the kernel knows, and the program that loads more.</summary>
/// <param name="enabled">The kernel enforces AppArmor.</param>
/// <param name="profilesFile">securityfs' list of loaded profiles.</param>
/// <param name="parserProgram">apparmor_parser: its path, or a name that is looked up.</param>
public sealed class AppArmorHost(bool enabled, string profilesFile, string parserProgram)
{
    /// <summary>A parser takes a tenth of a second.</summary>
    private static readonly TimeSpan ParserPatience = TimeSpan.FromSeconds(20);

    public bool Enabled => enabled;

    /// <summary>This node's.</summary>
    public static AppArmorHost Of(bool enabled) => new(enabled, "/sys/kernel/security/apparmor/profiles", "apparmor_parser");

    /// <summary>Whether the kernel has a profile of exactly this name.</summary>
    /// <exception cref="AppArmorException">The list can't be read.</exception>
    public bool IsLoaded(string profile)
    {
        try
        {
            foreach (string line in File.ReadLines(profilesFile))
            {
                if (NameOf(line).SequenceEqual(profile))
                    return true;
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AppArmorException($"AppArmor is enabled, but {profilesFile} can't be read ({e.Message}); mount securityfs on /sys/kernel/security", e);
        }
    }

    /// <summary>Has the kernel take the profiles of a text, in the place of loaded ones of the same names.</summary>
    /// <exception cref="AppArmorException">There is no parser, or it refuses.</exception>
    public async Task LoadAsync(string text)
    {
        string parser = HostPrograms.Find(parserProgram)
            ?? throw new AppArmorException("AppArmor is enabled, but apparmor_parser is not installed; install the package apparmor");
        ProgramOutcome outcome;
        try
        {
            // -K: without the cache, which is the distribution's; -r: in the place of one of that name.
            outcome = await ProgramRun.RunAsync(new SpawnOptions(parser, [parser, "-Kr"]), Encoding.UTF8.GetBytes(text), ParserPatience, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw new AppArmorException($"{parser} can't be executed: {e.Message}", e);
        }

        if (outcome.Failure(ParserPatience) is { } failure)
            throw new AppArmorException($"{parser} -Kr {failure}");
    }

    /// <summary>A line is <c>NAME (MODE)</c>, and a name may have spaces and parentheses of its own.</summary>
    private static ReadOnlySpan<char> NameOf(string line)
    {
        int end = line.LastIndexOf(" (", StringComparison.Ordinal);
        return end < 0 ? line : line.AsSpan(0, end);
    }
}
