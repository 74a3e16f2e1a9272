using System.CommandLine;
using CriRuntime.Admin.V1;
using CriRuntime.CriServer.Configuration;
using Grpc.Net.Client;

namespace CriRuntime.CriServer.Commands;

/// <summary><c>criruntime import FILE</c>: adds an image archive to the store of the daemon that serves on the socket.</summary>
internal static class ImportCommand
{
    internal static Command Create(ServerOptions options)
    {
        Argument<FileInfo> file = new("file") { Description = "OCI archive (image layout in a tar file), or what 'docker save' wrote" };
        Option<string?> name = new("--name") { Description = "Name for an image that has none in the archive, e.g. localhost/app:1" };
        Command command = new("import", "Import images from an archive") { file, name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ServerConfiguration configuration = options.Load(parsed);
            using GrpcChannel channel = GrpcChannel.ForUnixSocket(configuration.SocketPath());
            ImportImagesRequest request = new() { Path = parsed.GetValue(file)!.FullName, Reference = parsed.GetValue(name) ?? "" };
            ImportImagesResponse response = await new AdminService.AdminServiceClient(channel)
                .ImportImagesAsync(request, cancellationToken: cancellationToken);
            foreach (ImportedImage image in response.Images)
                await Console.Out.WriteLineAsync($"{image.Id} {string.Join(' ', image.Names)}");
            return 0;
        });
        return command;
    }
}
