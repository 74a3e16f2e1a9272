using CriRuntime.OciCli;

return CommandLine.Run(args);
