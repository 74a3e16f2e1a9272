using System.Diagnostics.CodeAnalysis;

namespace CriRuntime.CriServer.Lsm;

/// <summary>An SELinux security context: <c>user:role:type:level</c>, where the level may have colons of its own.</summary>
public sealed record SelinuxLabel(string User, string Role, string Type, string Level)
{
    /// <summary>False for what does not have four parts of allowed characters.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SelinuxLabel? label)
    {
        string[] parts = text.Split(':', 4);
        label = parts.Length == 4 ? new SelinuxLabel(parts[0], parts[1], parts[2], parts[3]) : null;
        if (label is not null && IsName(label.User) && IsName(label.Role) && IsName(label.Type) && SelinuxLevel.IsValid(label.Level))
            return true;
        label = null;
        return false;
    }

    /// <summary>A user, role or type.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 255 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    public override string ToString() => $"{User}:{Role}:{Type}:{Level}";
}
