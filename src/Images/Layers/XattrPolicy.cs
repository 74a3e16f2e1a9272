namespace CriRuntime.Images.Layers;

/// <summary>
/// Which extended attributes an image may set: <c>user.*</c> and file capabilities. What speaks to overlayfs (<c>trusted.overlay.*</c>, which could redirect
/// a directory) or to the host's security modules is the host's to set, and is left out.
/// </summary>
internal static class XattrPolicy
{
    public static bool IsAllowed(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("security.capability"u8)
        || (name.StartsWith("user."u8) && !name.StartsWith("user.overlay."u8) && name.Length <= 255 && !name.Contains((byte)0));
}
