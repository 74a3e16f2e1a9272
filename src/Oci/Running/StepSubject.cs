using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Running;

/// <summary>What a step was doing, and to what: its label, and where that covers several steps, which of them: <c>bind /src on /data: open /src</c>.</summary>
internal static class StepSubject
{
    internal static string Of(ReadOnlySpan<byte> block, in Step step)
    {
        string label = PlanDescription.Decode(block, step.Label) ?? step.Kind.ToString();
        string text = PlanDescription.Decode(block, step.Text) ?? "";
        string text2 = PlanDescription.Decode(block, step.Text2) ?? "";
        (string verb, string path) = Act(step, text, text2);
        return verb.Length == 0 || Says(label, step.Kind, path) ? label : $"{label}: {verb}{path}";
    }

    /// <summary>A bind mount's label names both its ends, which leaves open whose fault it was.</summary>
    private static bool Says(string label, StepKind kind, string path) =>
        kind is not (StepKind.OpenTree or StepKind.MakeTarget) && path.Length > 0 && label.Contains(path, StringComparison.Ordinal);

    private static (string Verb, string Path) Act(in Step step, string text, string text2) => step.Kind switch
    {
        StepKind.OpenPath or StepKind.OpenInRoot => ("open ", text),
        StepKind.OpenTree => text.Length == 0 ? ("take it", "") : ("open ", text),
        StepKind.MakeDirectory or StepKind.MakeFifo => ("make ", text),
        StepKind.RemoveDirectory or StepKind.RemoveFile => ("remove ", text),
        StepKind.WriteFile or StepKind.WriteChildPid => ("write ", text),
        StepKind.WriteProc => ("write /proc/", text),
        StepKind.CopyIfEmpty => ("copy ", text2),
        StepKind.Unmount => ("unmount ", text),
        StepKind.MountLegacy => ("mount it on ", text),
        StepKind.FsOpen => ("open the file system type ", text),
        StepKind.FsSetString => ($"set the option {text}=", text2),
        StepKind.FsSetFlag => ("set the option ", text),
        StepKind.SetMountAttributes => (step.Base >= 0 ? "map its ids" : "set its attributes", ""),
        StepKind.MoveMount => step.Base >= 0 ? ("put it in its place", "") : ("put it on ", text),
        StepKind.MakeTarget => ("find or make /", text.TrimStart('/')),
        StepKind.MakeSymlink => ("make the link ", text2),
        StepKind.CopyUp => ("copy what it covers", ""),
        StepKind.MakeUserNamespace => ("make a user namespace for its ids", ""),
        StepKind.OpenChildProc => ("open the process's directory in /proc", ""),
        StepKind.ChangeDirectory => ("change to ", text),

        // Their labels name the one thing that they do.
        _ => ("", ""),
    };
}
