using System.Text.Json;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni.Cache;

/// <summary>An attachment as its ADD left it: enough to DEL it whatever has become of the configuration since.</summary>
/// <param name="Network">The configuration that the ADD used.</param>
/// <param name="Attachment">The arguments that it used.</param>
/// <param name="Result">What it gave; null when it did not come to an end.</param>
internal sealed record CachedAttachment(NetworkConfig Network, Attachment Attachment, JsonElement? Result);
