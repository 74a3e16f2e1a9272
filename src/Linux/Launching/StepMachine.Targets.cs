namespace CriRuntime.Linux.Launching;

/// <summary>
/// Paths inside the untrusted root file system. Each lookup is one openat2 with RESOLVE_IN_ROOT from the root's descriptor, so that no
/// symbolic link and no race with a process that changes the tree can lead out of it; what is missing is made component by component.
/// </summary>
internal static unsafe partial class StepMachine
{
    private const ulong InRoot = Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS;

    private static long MakeTarget(MachineState* m, Step* s)
    {
        bool directory = s->Number == 0;
        if (s->Number == 2)
        {
            Kernel.FileStatus source;
            long status = Kernel.Status(m->Slots[s->Value], &source);
            if (status < 0)
                return status;
            directory = (source.Mode & Kernel.S_IFMT) == Kernel.S_IFDIR;
        }
        return m->Keep(s->Slot, OpenOrMake(m, m->Slots[s->Base], m->Text(s->Text), directory));
    }

    /// <summary>An O_PATH descriptor of a path in the root, made as a directory or an empty file where it is missing.</summary>
    private static long OpenOrMake(MachineState* m, int root, byte* path, bool directory)
    {
        long found = Kernel.OpenResolved(root, path, Kernel.O_PATH, InRoot);
        if (found != -Kernel.Enoent)
            return found;
        int length = Kernel.Length(path);
        if (length + 2 >= MachineState.PathCapacity)
            return -Kernel.Enametoolong;
        Kernel.Copy(m->Path, path, length + 1);
        // Each round makes what is missing, or replaces a link that points at nothing by its target.
        for (int links = 0; links < 40; links++)
        {
            long result = MakeComponents(m, root, directory);
            if (result != -Kernel.Eagain)
                return result;
        }
        return -Kernel.Eloop;
    }

    /// <summary>Walks m->Path; -EAGAIN when a dangling link was followed and the walk must start again.</summary>
    private static long MakeComponents(MachineState* m, int root, bool directory)
    {
        byte* path = m->Path;
        long parent = Kernel.Call(SyscallNumber.Fcntl, root, Kernel.F_DUPFD_CLOEXEC, 3);
        int start = 0;
        while (parent >= 0)
        {
            while (path[start] == (byte)'/')
                start++;
            if (path[start] == 0)
                return parent;
            int end = start;
            while (path[end] is not ((byte)'/' or 0))
                end++;
            long next = StepInto(m, root, (int)parent, start, end, directory);
            Kernel.Close((int)parent);
            parent = next;
            start = end;
        }
        return parent;
    }

    private static long StepInto(MachineState* m, int root, int parent, int start, int end, bool directory)
    {
        byte* path = m->Path;
        byte after = path[end];
        int rest = end;
        while (path[rest] == (byte)'/')
            rest++;
        bool makeFile = path[rest] == 0 && !directory;
        path[end] = 0;
        long fd = Kernel.OpenResolved(root, path, Kernel.O_PATH, InRoot);
        if (fd == -Kernel.Enoent)
        {
            long made = makeFile
                ? Kernel.Call(SyscallNumber.MknodAt, parent, (nint)(path + start), Kernel.S_IFREG | 0x1a4)
                : Kernel.Call(SyscallNumber.MkdirAt, parent, (nint)(path + start), 0x1ed); // 0755
            if (made == -Kernel.Eexist)
            {
                long link = Kernel.Call(SyscallNumber.ReadLinkAt, parent, (nint)(path + start), (nint)m->Link, MachineState.PathCapacity - 1);
                path[end] = after;
                return link < 0 ? -Kernel.Eagain : FollowLink(m, start, end, (int)link);
            }
            fd = made < 0 ? made : Kernel.OpenResolved(root, path, Kernel.O_PATH, InRoot);
        }
        path[end] = after;
        return fd;
    }

    /// <summary>Puts a link's target in the place of the component start..end.</summary>
    private static long FollowLink(MachineState* m, int start, int end, int link)
    {
        int rest = Kernel.Length(m->Path + end);
        int head = m->Link[0] == (byte)'/' ? 0 : start;
        if (head + link + rest + 2 >= MachineState.PathCapacity)
            return -Kernel.Enametoolong;
        // First the tail, to its new place; the two may overlap either way.
        if (head + link > end)
        {
            for (int i = rest; i >= 0; i--)
                m->Path[head + link + i] = m->Path[end + i];
        }
        else
        {
            for (int i = 0; i <= rest; i++)
                m->Path[head + link + i] = m->Path[end + i];
        }
        Kernel.Copy(m->Path + head, m->Link, link);
        return -Kernel.Eagain;
    }

    /// <summary>The directory of a path in the root, made if missing, and where the last component begins.</summary>
    private static long OpenParent(MachineState* m, int root, byte* path, out byte* name)
    {
        int length = Kernel.Length(path);
        int slash = length;
        while (slash > 0 && path[slash - 1] != (byte)'/')
            slash--;
        name = path + slash;
        if (slash >= MachineState.PathCapacity - 2)
            return -Kernel.Enametoolong;
        byte* directory = stackalloc byte[MachineState.PathCapacity];
        Kernel.Copy(directory, path, slash);
        if (slash == 0)
            directory[slash++] = (byte)'.';
        directory[slash] = 0;
        return OpenOrMake(m, root, directory, directory: true);
    }

    private static long MakeSymlink(MachineState* m, Step* s)
    {
        long parent = OpenParent(m, m->Slots[s->Base], m->Text(s->Text2), out byte* name);
        if (parent < 0)
            return parent;
        long result = Kernel.Call(SyscallNumber.SymlinkAt, (nint)m->Text(s->Text), (nint)parent, (nint)name);
        Kernel.Close((int)parent);
        return result == -Kernel.Eexist ? 0 : result;
    }

    private static long MakeNode(MachineState* m, Step* s)
    {
        long parent = OpenParent(m, m->Slots[s->Base], m->Text(s->Text), out byte* name);
        if (parent < 0)
            return parent;
        long result = PutNode((int)parent, name, s->Number, s->Value);
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.FchownAt, (nint)parent, (nint)name, (nint)(uint)s->Value2, (nint)(uint)(s->Value2 >> 32), Kernel.AT_SYMLINK_NOFOLLOW);
        Kernel.Close((int)parent);
        return result;
    }

    /// <summary>What an image left in the node's place is replaced: a regular file called /dev/null would record what is written to it.</summary>
    private static long PutNode(int parent, byte* name, int mode, ulong device)
    {
        long mask = Kernel.Call(SyscallNumber.Umask, 0);
        long result = Kernel.Call(SyscallNumber.MknodAt, parent, (nint)name, mode, (nint)device);
        if (result == -Kernel.Eexist)
        {
            result = Kernel.Call(SyscallNumber.UnlinkAt, parent, (nint)name, 0);
            if (result >= 0)
                result = Kernel.Call(SyscallNumber.MknodAt, parent, (nint)name, mode, (nint)device);
        }
        Kernel.Call(SyscallNumber.Umask, (nint)mask);
        return result;
    }
}
