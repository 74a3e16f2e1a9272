using CriRuntime.Cni.Cache;

namespace CriRuntime.Cni.Operations;

/// <summary>For DEL: a namespace that is gone is named by an empty CNI_NETNS (spec section 4), on which plugins free what lies outside it.</summary>
internal static class NetnsLeft
{
    internal static CachedAttachment Of(CachedAttachment cached) => cached with
    {
        Attachment = cached.Attachment with { Netns = File.Exists(cached.Attachment.Netns) ? cached.Attachment.Netns : "" },
    };
}
