using CriRuntime.Admin.V1;
using CriRuntime.CriServer.Errors;
using CriRuntime.Images;
using Grpc.Core;

namespace CriRuntime.CriServer.Services;

/// <summary>What an operator asks beyond the CRI (proto/admin).</summary>
public sealed class AdminService(ImageStore store) : Admin.V1.AdminService.AdminServiceBase
{
    public override async Task<ImportImagesResponse> ImportImages(ImportImagesRequest request, ServerCallContext context)
    {
        if (!Path.IsPathFullyQualified(request.Path))
            throw CriException.InvalidArgument($"path \"{request.Path}\" is not absolute");
        if (!File.Exists(request.Path))
            throw CriException.NotFound($"archive {request.Path} does not exist");
        await using FileStream archive = new(request.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        IReadOnlyList<Image> images = await store.ImportAsync(archive, request.Reference.Length > 0 ? request.Reference : null, context.CancellationToken);
        return new ImportImagesResponse
        {
            Images = { images.Select(image => new ImportedImage { Id = image.Id, Names = { image.RepoTags } }) },
        };
    }
}
