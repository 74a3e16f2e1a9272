using System.Globalization;
using System.Text.Json;
using CriRuntime.Images;
using CriRuntime.Images.Manifests;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>Images as the CRI reports them.</summary>
internal static class ImageTranslation
{
    internal static Cri.Image ToCri(this Image image)
    {
        Cri.Image result = new()
        {
            Id = image.Id,
            RepoTags = { image.RepoTags },
            RepoDigests = { image.RepoDigests },
            Size = (ulong)image.Size,
            Pinned = image.Pinned,
            Spec = new Cri.ImageSpec { Image = image.Id },
        };

        // "uid", "uid:gid", "name" or "name:group"; the CRI wants the user, as a number or else as a name.
        string user = (image.Config.User ?? "").Split(':')[0];
        if (long.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out long uid))
            result.Uid = new Cri.Int64Value { Value = uid };
        else
            result.Username = user;
        return result;
    }

    /// <summary>What <c>crictl inspecti</c> shows beyond the status: the image's configuration.</summary>
    internal static string Describe(Image image)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            json.WriteString("manifestDigest", image.ManifestDigest.ToString());
            json.WriteString("loadedAt", image.LoadedAt.UtcDateTime);
            json.WriteStartArray("chainIds");
            foreach (string chainId in image.ChainIds.Select(id => id.ToString()))
                json.WriteStringValue(chainId);
            json.WriteEndArray();
            json.WritePropertyName("imageSpec");
            JsonSerializer.Serialize(json, image.ConfigFile, ManifestJson.Default.ImageConfigFile);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    internal static Cri.FilesystemUsage ToUsage(string mountPoint, long bytes, long inodes, long timestamp) => new()
    {
        Timestamp = timestamp,
        FsId = new Cri.FilesystemIdentifier { Mountpoint = mountPoint },
        UsedBytes = new Cri.UInt64Value { Value = (ulong)bytes },
        InodesUsed = new Cri.UInt64Value { Value = (ulong)inodes },
    };
}
