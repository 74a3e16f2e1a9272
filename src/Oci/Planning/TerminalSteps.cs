using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The terminal of a process that is started: made in the container's devpts, its master sent to the launcher, its own end the controlling terminal and, for the first process, /dev/console.</summary>
internal static class TerminalSteps
{
    internal static void Add(PlanWriter plan, Process process, int root, bool console)
    {
        if (!process.Terminal)
            return;
        int terminal = Open(plan, process, root);
        if (console)
            Bind(plan, root, terminal);
        plan.Child(new(StepKind.UseTerminal, "take the controlling terminal") { Slot = terminal });
        MountSteps.Close(plan, "close the terminal", terminal);
    }

    /// <summary>
    /// The terminal of a process that another program restores: of the host's devpts, for the container's own is not there yet. It is that program's standard streams, but not its
    /// controlling terminal, which would be hung up when the program ends.
    /// </summary>
    /// <param name="file">Covered by it, in a mount namespace whose mounts are nobody else's; what the program is to bind on /dev/console.</param>
    internal static void AddForRestore(PlanWriter plan, Process process, string file)
    {
        int host = plan.NewSlot();
        plan.Child(new(StepKind.OpenPath, "open /") { Slot = host, Text = "/", Number = O_PATH });
        int terminal = Open(plan, process, host);
        int tree = Clone(plan, $"mount the terminal on {file}", terminal);
        plan.Child(new(StepKind.MoveMount, $"mount the terminal on {file}") { Slot = tree, Text = file });
        MountSteps.Close(plan, "close the terminal's mount", tree);
        plan.Child(new(StepKind.UseAsStdio, "take the terminal") { Slot = terminal });
        MountSteps.Close(plan, "close the terminal", terminal);
        MountSteps.Close(plan, "close /", host);
    }

    private static int Open(PlanWriter plan, Process process, int root)
    {
        plan.Flags |= PlanFlags.Terminal;
        int terminal = plan.NewSlot();
        plan.Child(new(StepKind.OpenTerminal, "open a terminal in /dev/pts")
        {
            Slot = terminal,
            Base = root,
            Number = (int)process.User.Uid,
            Value = process.ConsoleSize is { } size ? size.Height | ((ulong)size.Width << 32) : 0,
        });
        return terminal;
    }

    private static void Bind(PlanWriter plan, int root, int terminal)
    {
        const string Label = "bind the terminal on /dev/console";
        int tree = Clone(plan, Label, terminal);
        MountSteps.Attach(plan, root, Label, tree, "/dev/console", likeSlot: tree);
    }

    private static int Clone(PlanWriter plan, string label, int terminal)
    {
        int tree = plan.NewSlot();
        plan.Child(new(StepKind.OpenTree, label) { Slot = tree, Base = terminal, Text = "", Number = OPEN_TREE_CLONE | AT_EMPTY_PATH });
        return tree;
    }
}
