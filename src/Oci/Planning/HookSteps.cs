using System.Text;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// Hooks as steps (config.md, POSIX-platform Hooks). The state that each gets on standard input is written here, but for the pid, which is known
/// only when the child is born: the document is kept in two halves around it.
/// </summary>
internal sealed class HookSteps(PlanWriter plan, HookTarget target)
{
    /// <summary>The hooks of one kind, in a section.</summary>
    /// <param name="kind">The field's name, for messages.</param>
    /// <param name="status">The container's state at that time (<see cref="ContainerStatus"/>).</param>
    /// <param name="directory">The slot of the directory to run in; -1 the present one.</param>
    internal void Add(PlanSection section, string kind, IReadOnlyList<Hook> hooks, string status, int directory = -1)
    {
        if (hooks.Count == 0)
            return;
        (string head, string tail) = State(status);
        foreach (Hook hook in hooks)
        {
            plan.Add(section, new(StepKind.RunHook, $"hook {kind} {hook.Path}")
            {
                Base = directory,
                Text = head,
                Text2 = tail,
                Number = hook.Timeout is { } seconds ? checked(seconds * 1000) : 0,
                Program = new([hook.Path], hook.Args.Count > 0 ? hook.Args : [hook.Path], hook.Env),
            });
        }
    }

    /// <summary>A slot with the bundle directory, opened in the parent's first section; -1 where there is no bundle.</summary>
    internal int OpenBundle()
    {
        if (target.Bundle is null)
            return -1;
        int slot = plan.NewSlot();
        plan.Before(new(StepKind.OpenPath, $"open the bundle {target.Bundle}") { Slot = slot, Text = target.Bundle, Number = O_PATH });
        return slot;
    }

    private (string Head, string Tail) State(string status)
    {
        const int Marker = 1234567890;
        ContainerState state = new()
        {
            OciVersion = target.OciVersion,
            Id = target.Id,
            Status = status,
            Pid = status == ContainerStatus.Stopped ? null : Marker,
            Bundle = target.Bundle ?? "",
            Annotations = target.Annotations,
        };
        string json = Encoding.UTF8.GetString(SpecJson.Write(state));
        int at = json.IndexOf($"\"pid\":{Marker}", StringComparison.Ordinal);
        if (at < 0)
            return (json, "");
        at += "\"pid\":".Length;
        return (json[..at], json[(at + 10)..]);
    }
}

/// <summary>The container that hooks are told about.</summary>
internal sealed record HookTarget(string OciVersion, string Id, string? Bundle, IReadOnlyDictionary<string, string> Annotations);
