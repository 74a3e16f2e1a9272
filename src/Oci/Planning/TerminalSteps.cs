using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The terminal: made in the container's devpts, its master sent to the launcher, its own end the controlling terminal and, for the first process, /dev/console.</summary>
internal static class TerminalSteps
{
    internal static void Add(PlanWriter plan, Process process, int root, bool console)
    {
        if (!process.Terminal)
            return;
        plan.Flags |= PlanFlags.Terminal;
        int terminal = plan.NewSlot();
        plan.Child(new(StepKind.OpenTerminal, "open a terminal in /dev/pts")
        {
            Slot = terminal,
            Base = root,
            Number = (int)process.User.Uid,
            Value = process.ConsoleSize is { } size ? size.Height | ((ulong)size.Width << 32) : 0,
        });
        if (console)
            Bind(plan, root, terminal);
        plan.Child(new(StepKind.UseTerminal, "take the controlling terminal") { Slot = terminal });
        MountSteps.Close(plan, "close the terminal", terminal);
    }

    private static void Bind(PlanWriter plan, int root, int terminal)
    {
        const string Label = "bind the terminal on /dev/console";
        int tree = plan.NewSlot();
        plan.Child(new(StepKind.OpenTree, Label) { Slot = tree, Base = terminal, Text = "", Number = OPEN_TREE_CLONE | AT_EMPTY_PATH });
        MountSteps.Attach(plan, root, Label, tree, "/dev/console", likeSlot: tree);
    }
}
