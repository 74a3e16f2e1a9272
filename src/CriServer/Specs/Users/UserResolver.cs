using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Specs.Users;

/// <summary>
/// Who a container runs as: run_as_user or run_as_username and run_as_group of the request, else the image's USER, else root; with the image's
/// /etc/passwd and /etc/group for names. What looks like a number is one, and never a name (CVE-2026-46680).
/// </summary>
public static class UserResolver
{
    /// <param name="passwd">The text of the image's /etc/passwd; empty when it has none.</param>
    /// <param name="group">The text of the image's /etc/group; empty when it has none.</param>
    /// <exception cref="CriException">InvalidArgument for ids out of range and names that the image does not have.</exception>
    public static ResolvedUser Resolve(ContainerSecurity security, string imageUser, string passwd, string group)
    {
        (string user, string groupName) = Requested(security, imageUser);
        PasswdEntry? entry = FindUser(user, passwd, out uint uid);
        uint gid = groupName.Length > 0 ? FindGroup(groupName, group) : entry?.Gid ?? 0;
        IEnumerable<uint> ofFile = security.StrictSupplementalGroups || entry is null ? [] : GroupsOf(entry.Name, group);
        IEnumerable<uint> requested = security.SupplementalGroups.Select(id => UserIds.Check("security_context.supplemental_groups", id));
        uint[] additional = [.. new[] { gid }.Concat(ofFile).Concat(requested).Distinct()];
        return new ResolvedUser(uid, gid, additional, entry?.Home ?? (uid == 0 ? "/root" : "/"));
    }

    private static (string User, string Group) Requested(ContainerSecurity security, string imageUser)
    {
        string group = security.RunAsGroup is { } gid ? UserIds.Check("security_context.run_as_group", gid).ToString(System.Globalization.CultureInfo.InvariantCulture) : "";
        if (security.RunAsUser is { } uid)
            return (UserIds.Check("security_context.run_as_user", uid).ToString(System.Globalization.CultureInfo.InvariantCulture), group);
        if (security.RunAsUsername.Length > 0)
            return (security.RunAsUsername, group);
        int separator = imageUser.IndexOf(':');
        return separator < 0 ? (imageUser, "") : (imageUser[..separator], imageUser[(separator + 1)..]);
    }

    private static PasswdEntry? FindUser(string user, string passwd, out uint uid)
    {
        uid = 0;
        if (user.Length == 0 || UserIds.IsNumber(user))
        {
            uid = user.Length == 0 ? 0 : Number("user", user);
            uint wanted = uid;
            return PasswdFile.Parse(passwd).FirstOrDefault(entry => entry.Uid == wanted);
        }

        PasswdEntry? named = PasswdFile.Parse(passwd).FirstOrDefault(entry => entry.Name == user);
        if (named is null && user == "root")
            return null;
        uid = named?.Uid ?? throw CriException.InvalidArgument($"user \"{TextLimits.Shorten(user)}\" is not in the image's /etc/passwd");
        return named;
    }

    private static uint FindGroup(string name, string group)
    {
        if (UserIds.IsNumber(name))
            return Number("group", name);
        if (GroupFile.Parse(group).FirstOrDefault(entry => entry.Name == name) is { } found)
            return found.Gid;
        return name == "root" ? 0u : throw CriException.InvalidArgument($"group \"{TextLimits.Shorten(name)}\" is not in the image's /etc/group");
    }

    private static IEnumerable<uint> GroupsOf(string user, string group) =>
        GroupFile.Parse(group).Where(entry => entry.Members.Contains(user)).Select(entry => entry.Gid);

    private static uint Number(string what, string text) => UserIds.TryParse(text, out uint id)
        ? id
        : throw CriException.InvalidArgument($"{what} {TextLimits.Shorten(text)} is not between 0 and {int.MaxValue}");
}
