using System.Net.Security;

namespace CriRuntime.Images.Registry.Http;

/// <summary>The TLS options of one host: additional authorities, a client certificate, or no verification.</summary>
internal static class HostTls
{
    public static SslClientAuthenticationOptions For(RegistryHostOptions settings)
    {
        try
        {
            SslClientAuthenticationOptions tls = new();
            if (settings.SkipVerify)
                tls.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
            else if (settings.CaFile is { } authorities)
                tls.RemoteCertificateValidationCallback = ClientTls.Trusting(authorities, alsoSystem: true);
            if (settings.ClientCertificateFile is { } file)
                tls.ClientCertificateContext = ClientTls.Certificate(file, settings.ClientKeyFile);
            return tls;
        }
        catch (InvalidDataException e)
        {
            throw new ImageException(ImageErrorKind.InvalidArgument, $"registries: {e.Message}", e);
        }
    }
}
