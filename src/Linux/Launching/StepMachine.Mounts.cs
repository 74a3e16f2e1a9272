using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>Mounts by descriptor: nothing is mounted on a path that could be exchanged meanwhile.</summary>
internal static unsafe partial class StepMachine
{
    /// <summary>struct mount_attr of mount_setattr(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttributes
    {
        internal ulong Set;
        internal ulong Clear;
        internal ulong Propagation;
        internal ulong UserNamespace;
    }

    private const ulong ProcMagic = 0x9fa0, DevPtsMagic = 0x1cd1;

    /// <summary>With number 1, of the nearest mount point at or above the path.</summary>
    private static long SetPropagation(MachineState* m, Step* s)
    {
        byte* path = m->Path;
        int length = Kernel.Length(m->Text(s->Text));
        if (length + 1 >= MachineState.PathCapacity)
            return -Kernel.Enametoolong;
        Kernel.Copy(path, m->Text(s->Text), length + 1);
        while (true)
        {
            long result = Kernel.Call(SyscallNumber.Mount, 0, (nint)path, 0, (nint)s->Value, 0);
            if (result != -Kernel.Einval || s->Number != 1 || length <= 1)
                return result;
            while (length > 1 && path[length - 1] != (byte)'/')
                length--;
            while (length > 1 && path[length - 1] == (byte)'/')
                length--;
            path[length] = 0;
        }
    }

    private static long FsMount(MachineState* m, Step* s)
    {
        int context = m->Slots[s->Base];
        long result = Kernel.Call(SyscallNumber.FsConfig, context, Kernel.FSCONFIG_CMD_CREATE);
        if (result < 0)
            return result;
        result = m->Keep(s->Slot, Kernel.Call(SyscallNumber.FsMount, context, 1, (nint)s->Value)); // FSMOUNT_CLOEXEC
        Kernel.Close(context);
        m->Slots[s->Base] = -1;
        return result >= 0 && s->Text != 0 ? LabelRoot(m->Slots[s->Slot], m->Text(s->Text)) : result;
    }

    /// <summary>For a file system that takes no context when it is mounted. One that keeps no labels stays as it is.</summary>
    private static long LabelRoot(int mount, byte* context)
    {
        byte* here = stackalloc byte[2];
        here[Kernel.Copy(here, "."u8)] = 0;
        byte* name = stackalloc byte[20];
        name[Kernel.Copy(name, "security.selinux"u8)] = 0;
        long root = Kernel.Open(mount, here, Kernel.O_RDONLY | Kernel.O_DIRECTORY);
        if (root < 0)
            return root;
        long result = Kernel.Call(SyscallNumber.FSetXattr, (nint)root, (nint)name, (nint)context, Kernel.Length(context), 0);
        Kernel.Close((int)root);
        return result == -Kernel.Eopnotsupp ? 0 : result;
    }

    private static long SetMountAttributes(MachineState* m, Step* s)
    {
        MountAttributes attributes = *(MountAttributes*)(m->Block + s->Blob);
        if (s->Base >= 0)
            attributes.UserNamespace = (ulong)m->Slots[s->Base];
        return SetAttributes(m->Slots[s->Slot], &attributes, s->Number == 1);
    }

    private static long SetAttributes(int mount, MountAttributes* attributes, bool recursive)
    {
        byte empty = 0;
        int flags = Kernel.AT_EMPTY_PATH | (recursive ? Kernel.AT_RECURSIVE : 0);
        return Kernel.Call(SyscallNumber.MountSetAttr, mount, (nint)(&empty), flags, (nint)attributes, sizeof(MountAttributes));
    }

    internal static long MakeReadOnly(int tree)
    {
        MountAttributes readOnly = new() { Set = Kernel.MOUNT_ATTR_RDONLY };
        return SetAttributes(tree, &readOnly, recursive: true);
    }

    internal static long MapIds(int tree, int userNamespace)
    {
        MountAttributes mapped = new() { Set = Kernel.MOUNT_ATTR_IDMAP, UserNamespace = (ulong)userNamespace };
        return SetAttributes(tree, &mapped, recursive: false);
    }

    private static long MoveMount(MachineState* m, Step* s)
    {
        byte empty = 0;
        return s->Base >= 0
            ? Attach(m->Slots[s->Slot], m->Slots[s->Base])
            : Kernel.Call(SyscallNumber.MoveMount, m->Slots[s->Slot], (nint)(&empty), Kernel.AT_FDCWD, (nint)m->Text(s->Text), Kernel.MOVE_MOUNT_F_EMPTY_PATH);
    }

    private static long Attach(int mount, int target)
    {
        byte empty = 0;
        return Kernel.Call(SyscallNumber.MoveMount, mount, (nint)(&empty), target, (nint)(&empty), Kernel.MOVE_MOUNT_F_EMPTY_PATH | Kernel.MOVE_MOUNT_T_EMPTY_PATH);
    }

    private static long CloneTree(int source, bool recursive)
    {
        byte empty = 0;
        int flags = Kernel.OPEN_TREE_CLONE | Kernel.OPEN_TREE_CLOEXEC | Kernel.AT_EMPTY_PATH | (recursive ? Kernel.AT_RECURSIVE : 0);
        return Kernel.Call(SyscallNumber.OpenTree, source, (nint)(&empty), flags);
    }

    /// <summary>
    /// pivot_root(".", ".") stacks the old root on the new one (pivot_root(2), NOTES), so that no directory for it is needed;
    /// it is detached through its own descriptor, after it was cut off from the host's propagation.
    /// </summary>
    private static long PivotRoot(MachineState* m, Step* s)
    {
        byte* slash = stackalloc byte[2];
        slash[0] = (byte)'/';
        slash[1] = 0;
        byte* here = stackalloc byte[2];
        here[0] = (byte)'.';
        here[1] = 0;
        long old = Kernel.Open(Kernel.AT_FDCWD, slash, Kernel.O_PATH | Kernel.O_DIRECTORY);
        if (old < 0)
            return old;
        long result = Kernel.Call(SyscallNumber.Fchdir, m->Slots[s->Slot]);
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.PivotRoot, (nint)here, (nint)here);
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.Fchdir, (nint)old);
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.Mount, 0, (nint)here, 0, (nint)(Kernel.MS_SLAVE | Kernel.MS_REC), 0);
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.Umount2, (nint)here, Kernel.MNT_DETACH);
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.Chdir, (nint)slash);
        Kernel.Close((int)old);
        return result;
    }

    private static long MaskPath(MachineState* m, Step* s)
    {
        long target = Kernel.OpenResolved(m->Slots[s->Base], m->Text(s->Text), Kernel.O_PATH, InRoot);
        if (target < 0)
            return target is -Kernel.Enoent or -Kernel.Enotdir ? 0 : target;
        Kernel.FileStatus status;
        long result = Kernel.Status((int)target, &status);
        if (result >= 0)
        {
            result = (status.Mode & Kernel.S_IFMT) == Kernel.S_IFDIR ? EmptyDirectory(m->Text(s->Text2)) : CloneTree(m->Slots[s->Slot], recursive: false);
            if (result >= 0)
            {
                int cover = (int)result;
                result = Attach(cover, (int)target);
                Kernel.Close(cover);
            }
        }
        Kernel.Close((int)target);
        return result;
    }

    /// <summary>A read-only tmpfs that nobody can fill.</summary>
    /// <param name="label">Its SELinux context, or null.</param>
    private static long EmptyDirectory(byte* label)
    {
        byte* type = stackalloc byte[8];
        type[Kernel.Copy(type, "tmpfs"u8)] = 0;
        long context = Kernel.Call(SyscallNumber.FsOpen, (nint)type, 1);
        if (context < 0)
            return context;
        long result = 0;
        if (label != null)
        {
            byte* option = stackalloc byte[8];
            option[Kernel.Copy(option, "context"u8)] = 0;
            result = Kernel.Call(SyscallNumber.FsConfig, (nint)context, Kernel.FSCONFIG_SET_STRING, (nint)option, (nint)label);
        }
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.FsConfig, (nint)context, Kernel.FSCONFIG_CMD_CREATE);
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.FsMount, (nint)context, 1, (nint)(Kernel.MOUNT_ATTR_RDONLY | 0xe)); // and nosuid, nodev, noexec
        Kernel.Close((int)context);
        return result;
    }

    private static long ReadOnlyPath(MachineState* m, Step* s)
    {
        long target = Kernel.OpenResolved(m->Slots[s->Base], m->Text(s->Text), Kernel.O_PATH, InRoot);
        if (target < 0)
            return target is -Kernel.Enoent or -Kernel.Enotdir ? 0 : target;
        long result = CloneTree((int)target, recursive: true);
        if (result >= 0)
        {
            int tree = (int)result;
            result = MakeReadOnly(tree);
            if (result >= 0)
                result = Attach(tree, (int)target);
            Kernel.Close(tree);
        }
        Kernel.Close((int)target);
        return result;
    }

    /// <summary>
    /// The descriptor is the host's own procfs, opened before the container's tree was touched; nothing mounted
    /// over a part of it is entered, and no link leads out (CVE-2025-52881).
    /// </summary>
    private static long WriteProc(MachineState* m, Step* s)
    {
        long result = VerifyFilesystem(m->Slots[s->Base], ProcMagic);
        if (result < 0)
            return result;
        const ulong Resolve = Kernel.RESOLVE_BENEATH | Kernel.RESOLVE_NO_MAGICLINKS | Kernel.RESOLVE_NO_XDEV;
        long fd = Kernel.OpenResolved(m->Slots[s->Base], m->Text(s->Text), Kernel.O_WRONLY | Kernel.O_NOCTTY, Resolve);
        if (fd < 0)
            return fd;
        long written = Kernel.Write((int)fd, m->Block + s->Blob, (int)s->BlobLength);
        Kernel.Close((int)fd);
        return written < 0 ? written : 0;
    }
}
