using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Lsm;

/// <summary>The CRI's SELinuxOption, as it arrived: what is not empty replaces that part of a label.</summary>
public sealed record SelinuxOptions(string User, string Role, string Type, string Level)
{
    /// <summary>Also where SELinux is off: a request that is wrong is wrong everywhere.</summary>
    /// <exception cref="CriException">InvalidArgument naming the part.</exception>
    public void Check(string field)
    {
        foreach ((string part, string value) in new[] { ("user", User), ("role", Role), ("type", Type) })
        {
            if (value.Length > 0 && !SelinuxLabel.IsName(value))
                throw CriException.InvalidArgument($"{field}.{part} \"{TextLimits.Shorten(value)}\" is not a name of letters, digits, '_', '-' and '.'");
        }

        if (Level.Length > 0 && !SelinuxLevel.IsValid(Level))
            throw CriException.InvalidArgument($"{field}.level \"{TextLimits.Shorten(Level)}\" is not a level such as s0 or s0:c4,c5");
    }

    /// <summary>The label of a process.</summary>
    public SelinuxLabel OnProcess(SelinuxLabel label) => new(Or(User, label.User), Or(Role, label.Role), Or(Type, label.Type), Or(Level, label.Level));

    /// <summary>The label of its files: their role and type are the policy's.</summary>
    public SelinuxLabel OnFiles(SelinuxLabel label) => label with { User = Or(User, label.User), Level = Or(Level, label.Level) };

    private static string Or(string wanted, string otherwise) => wanted.Length > 0 ? wanted : otherwise;
}
