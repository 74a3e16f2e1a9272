using System.CommandLine;
using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Commands;

/// <summary><c>criruntime config</c>: prints the configuration as it would be used, or says what is wrong with it.</summary>
internal static class ConfigCommand
{
    internal static Command Create(ServerOptions options)
    {
        Command command = new("config", "Check the configuration and print it with every default filled in");
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(ConfigurationLoader.ToJson(options.Load(parsed)));
            return 0;
        });
        return command;
    }
}
