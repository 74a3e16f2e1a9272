using System.CommandLine;
using CriRuntime.CriServer.Commands;
using CriRuntime.CriServer.Configuration;
using Grpc.Core;

ServerOptions options = new();
RootCommand command = ServeCommand.Create(options);
command.Subcommands.Add(ConfigCommand.Create(options));
command.Subcommands.Add(ImportCommand.Create(options));
try
{
    return await command.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (ConfigurationException e)
{
    await Console.Error.WriteLineAsync($"criruntime: {e.Message}");
    return 78; // EX_CONFIG of sysexits.h
}
catch (RpcException e)
{
    await Console.Error.WriteLineAsync($"criruntime: {e.Status.StatusCode}: {e.Status.Detail}");
    return 1;
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"criruntime: {e.Message}");
    return 1;
}
