using System.Diagnostics;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Images;
using CriRuntime.CriServer.Observability;
using CriRuntime.Images;
using CriRuntime.Images.Registry;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>The CRI's ImageService: translation and nothing else.</summary>
public sealed class ImageService(ImageStore store, ImageDirectories directories, Telemetry telemetry) : Cri.ImageService.ImageServiceBase
{
    public override Task<Cri.ListImagesResponse> ListImages(Cri.ListImagesRequest request, ServerCallContext context)
    {
        string wanted = request.Filter?.Image?.Image ?? "";
        IEnumerable<Image> images = wanted.Length == 0 ? store.List() : store.Find(wanted) is { } one ? [one] : [];
        return Task.FromResult(new Cri.ListImagesResponse { Images = { images.Select(ImageTranslation.ToCri) } });
    }

    /// <summary>ListImages in pages, of one moment.</summary>
    public override async Task StreamImages(
        Cri.StreamImagesRequest request, IServerStreamWriter<Cri.StreamImagesResponse> responseStream, ServerCallContext context)
    {
        Cri.ListImagesResponse all = await ListImages(new Cri.ListImagesRequest { Filter = request.Filter }, context);
        await Pages.WriteAsync(all.Images, responseStream, page => new Cri.StreamImagesResponse { Images = { page } });
    }

    /// <summary>An image that is not there is no error here: the response is empty (cri-api, ImageStatus).</summary>
    public override Task<Cri.ImageStatusResponse> ImageStatus(Cri.ImageStatusRequest request, ServerCallContext context)
    {
        Cri.ImageStatusResponse response = new();
        if (store.Find(NameOf(request.Image)) is { } image)
        {
            response.Image = image.ToCri();
            if (request.Verbose)
                response.Info["info"] = ImageTranslation.Describe(image);
        }

        return Task.FromResult(response);
    }

    public override async Task<Cri.PullImageResponse> PullImage(Cri.PullImageRequest request, ServerCallContext context)
    {
        string name = NameOf(request.Image);
        long started = Stopwatch.GetTimestamp();
        bool succeeded = false;
        try
        {
            Image image = await store.PullAsync(name, Credentials(request.Auth), context.CancellationToken);
            succeeded = true;
            return new Cri.PullImageResponse { ImageRef = image.Id };
        }
        finally
        {
            telemetry.Pulled(succeeded, Stopwatch.GetElapsedTime(started));
        }
    }

    public override async Task<Cri.RemoveImageResponse> RemoveImage(Cri.RemoveImageRequest request, ServerCallContext context)
    {
        await store.RemoveAsync(NameOf(request.Image), context.CancellationToken);
        return new Cri.RemoveImageResponse();
    }

    public override Task<Cri.ImageFsInfoResponse> ImageFsInfo(Cri.ImageFsInfoRequest request, ServerCallContext context)
    {
        StoreUsage usage = store.Usage();
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        return Task.FromResult(new Cri.ImageFsInfoResponse
        {
            ImageFilesystems = { ImageTranslation.ToUsage(directories.Images, usage.ImageBytes, usage.ImageInodes, now) },
            ContainerFilesystems = { ImageTranslation.ToUsage(directories.Snapshots, usage.ContainerBytes, usage.ContainerInodes, now) },
        });
    }

    private static string NameOf(Cri.ImageSpec? image) =>
        image is { Image.Length: > 0 } ? image.Image : throw CriException.InvalidArgument("image is missing: name an image");

    private static RegistryCredentials? Credentials(Cri.AuthConfig? auth)
    {
        if (auth is null)
            return null;
        RegistryCredentials fromAuth = auth.Auth.Length > 0 && auth.Username.Length == 0 ? RegistryCredentials.FromAuth(auth.Auth) : new RegistryCredentials();
        RegistryCredentials credentials = fromAuth with
        {
            Username = fromAuth.Username ?? auth.Username,
            Password = fromAuth.Password ?? auth.Password,
            IdentityToken = auth.IdentityToken,
            RegistryToken = auth.RegistryToken,
            ServerAddress = auth.ServerAddress,
        };
        return credentials.IsEmpty ? null : credentials;
    }
}
