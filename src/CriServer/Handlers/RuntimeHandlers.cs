using System.Collections.Concurrent;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Handlers;

/// <summary>The configured handlers, and what each of them can.</summary>
public sealed class RuntimeHandlers(RuntimeSettings settings, UserNamespaceSupport userNamespaces, ILogger<RuntimeHandlers> logger)
{
    private readonly ConcurrentDictionary<(string Path, DateTime Written), Lazy<Task<HandlerFeatures>>> _probes = new();

    /// <summary>The handler of a new pod, its binary found.</summary>
    /// <exception cref="CriException">InvalidArgument: it is not configured. FailedPrecondition: its binary is missing.</exception>
    public RuntimeHandler Resolve(string name)
    {
        RuntimeHandler handler = Configured(settings, name);
        if (handler.IsBuiltIn)
            return handler;
        return HostPrograms.Find(handler.Path) is { } path
            ? handler with { Path = path }
            : throw CriException.FailedPrecondition($"{Missing(handler)}; install it, or set runtimes.{handler.Name}.path");
    }

    /// <exception cref="CriException">InvalidArgument: it is not configured.</exception>
    public static RuntimeHandler Configured(RuntimeSettings settings, string name)
    {
        if (settings.Handlers.TryGetValue(name, out RuntimeHandler? handler))
            return handler;
        string known = string.Join(", ", settings.Handlers.Keys.Select(one => $"\"{one}\""));
        throw CriException.InvalidArgument($"runtime_handler \"{TextLimits.Shorten(name)}\" is not configured; configured are: {known}");
    }

    /// <summary>The handlers that can be used, by the names under which pods ask for them.</summary>
    public async Task<IReadOnlyList<(string Name, HandlerFeatures Features)>> UsableAsync()
    {
        List<(string, HandlerFeatures)> usable = [];
        foreach ((string name, RuntimeHandler handler) in settings.Handlers)
        {
            if (handler.IsBuiltIn)
                usable.Add((name, await FeaturesAsync(handler).ConfigureAwait(false)));
            else if (HostPrograms.Find(handler.Path) is { } path)
                usable.Add((name, await FeaturesAsync(handler with { Path = path }).ConfigureAwait(false)));
        }

        return usable;
    }

    /// <summary>What a handler can. A binary is asked once, and again when it was replaced.</summary>
    public async Task<HandlerFeatures> FeaturesAsync(RuntimeHandler handler)
    {
        if (handler.IsBuiltIn)
            return new HandlerFeatures(true, await userNamespaces.ObstacleAsync().ConfigureAwait(false) is null);
        (string, DateTime) version = (handler.Path, File.GetLastWriteTimeUtc(handler.Path));
        return await _probes.GetOrAdd(version, _ => new(() => ProbeAsync(handler))).Value.ConfigureAwait(false);
    }

    /// <exception cref="CriException">FailedPrecondition with the reason, where the pod wants what its handler can't.</exception>
    public async Task EnsureAsync(RuntimeHandler handler, NamespaceOptions options)
    {
        if (handler.IsBuiltIn)
            await userNamespaces.EnsureAsync(options).ConfigureAwait(false);
        else if (options.OwnUserNamespace is not null && !(await FeaturesAsync(handler).ConfigureAwait(false)).UserNamespaces)
            throw CriException.FailedPrecondition($"namespace_options.userns_options: {handler} can't give pods user namespaces; the built-in runtime can");
    }

    /// <summary>Asks every binary what it can, and says which are missing.</summary>
    public async Task WarmAsync()
    {
        foreach (RuntimeHandler handler in settings.Handlers.Values.Distinct())
        {
            if (!handler.IsBuiltIn && HostPrograms.Find(handler.Path) is null)
                HandlerLog.Missing(logger, $"{Missing(handler)}: pods with this handler are refused until it is installed");
        }

        await UsableAsync().ConfigureAwait(false);
    }

    private static string Missing(RuntimeHandler handler) => handler.Path.StartsWith('/')
        ? $"runtime handler \"{handler.Name}\": there is no program {handler.Path}"
        : $"runtime handler \"{handler.Name}\": there is no program {handler.Path} in PATH";

    private async Task<HandlerFeatures> ProbeAsync(RuntimeHandler handler)
    {
        try
        {
            return HandlerFeatures.Parse(await BinaryProgram.RunAsync(handler.Path, ["features"], default, BinaryProgram.ProbePatience).ConfigureAwait(false));
        }
        catch (Exception e) when (e is BinaryException or System.Text.Json.JsonException)
        {
            HandlerLog.NoFeatures(logger, handler.Name, handler.Path, e.Message);
            return HandlerFeatures.None;
        }
    }
}
