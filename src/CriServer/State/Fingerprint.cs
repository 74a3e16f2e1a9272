using System.Security.Cryptography;

namespace CriRuntime.CriServer.State;

/// <summary>Equal for requests that ask for the same thing.</summary>
public static class Fingerprint
{
    public static string Of(params ReadOnlySpan<byte[]> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
