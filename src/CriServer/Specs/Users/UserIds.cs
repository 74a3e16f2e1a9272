using System.Globalization;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Specs.Users;

/// <summary>User and group ids. Those above 2^31 - 1 are refused: software that keeps them signed takes them for root (CVE-2024-40635).</summary>
public static class UserIds
{
    public static bool TryParse(string text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id <= int.MaxValue;

    /// <exception cref="CriException">InvalidArgument naming the field.</exception>
    public static uint Check(string field, long id) => id is >= 0 and <= int.MaxValue
        ? (uint)id
        : throw CriException.InvalidArgument($"{field} {id} is not between 0 and {int.MaxValue}");

    /// <summary>Whether the text can only be meant as a number, be it too large.</summary>
    public static bool IsNumber(string text) => text.Length > 0 && (text[0] is '-' or '+' ? text.Length > 1 && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0 : text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0);
}
