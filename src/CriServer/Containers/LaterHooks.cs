using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.Linux;
using CriRuntime.Oci.Specs;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// The hooks after the launch plan: poststart, once the program runs, and poststop, once the container is deleted (config.md, POSIX-platform Hooks). The
/// daemon runs them, not the monitor, which has one thread: in the runtime's namespaces, with the container's state on standard input, in the bundle.
/// A daemon that dies meanwhile runs poststop again with the retry of the removal.
/// </summary>
public sealed class LaterHooks(HookBundle bundles, ContainerSpecs specs, BinaryContainers binaries, ILogger<LaterHooks> logger)
{
    /// <summary>For hooks that name no timeout: nobody else would ever end them, and the container waits for them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>One after the other.</summary>
    /// <param name="container">With the pid of its process.</param>
    /// <exception cref="CriException">FailedPrecondition: one failed; those after it were not run, and the container is to be ended (runtime.md, Lifecycle).</exception>
    public async Task PoststartAsync(Container container)
    {
        if (Find(container) is not ({ } bundle, { } spec))
            return;
        foreach (Hook hook in spec.Hooks!.Poststart)
        {
            if (await RunAsync("poststart", hook, bundle, State(container, spec, bundle, ContainerStatus.Running, container.Pid)).ConfigureAwait(false) is { } failure)
                throw CriException.FailedPrecondition($"{container}: {failure}");
        }
    }

    /// <summary>All of them, whatever becomes of each: what fails is logged, and the removal goes on (runtime.md, Lifecycle).</summary>
    public async Task PoststopAsync(Container container)
    {
        if (Find(container) is not ({ } bundle, { } spec))
            return;
        foreach (Hook hook in spec.Hooks!.Poststop)
        {
            if (await RunAsync("poststop", hook, bundle, State(container, spec, bundle, ContainerStatus.Stopped, pid: null)).ConfigureAwait(false) is { } failure)
                ContainerLog.HookFailed(logger, container.Id, failure);
        }
    }

    /// <summary>A container without a bundle has no hooks: most of them, whose specs need not be read. Another runtime's binary runs hooks itself.</summary>
    private (string? Bundle, Spec? Spec) Find(Container container)
    {
        if (binaries.HandlerOf(container.SandboxId) is not null || bundles.Find(container) is not { } bundle)
            return (null, null);
        Spec spec = specs.Get(container);
        return spec.Hooks is null ? (null, null) : (bundle, spec);
    }

    private static byte[] State(Container container, Spec spec, string bundle, string status, int? pid) => SpecJson.Write(new ContainerState
    {
        OciVersion = spec.OciVersion ?? "",
        Id = container.Id,
        Status = status,
        Pid = pid,
        Bundle = bundle,
        Annotations = spec.Annotations,
    });

    /// <returns>Null, or what went wrong.</returns>
    private static Task<string?> RunAsync(string kind, Hook hook, string bundle, byte[] state) => Spans.RunAsync("hook." + kind, async _ =>
    {
        TimeSpan patience = hook.Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : Patience;
        SpawnOptions program = new(hook.Path, hook.Args.Count > 0 ? hook.Args : [hook.Path]) { Environment = hook.Env, WorkingDirectory = bundle };
        try
        {
            ProgramOutcome outcome = await ProgramRun.RunAsync(program, state, patience, CancellationToken.None).ConfigureAwait(false);
            return outcome.Failure(patience) is { } failure ? $"hook {kind} {hook.Path} {failure}" : null;
        }
        catch (LinuxException e)
        {
            return $"hook {kind} {hook.Path} can't be executed: {e.Message}";
        }
    });
}
