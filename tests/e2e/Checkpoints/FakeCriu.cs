namespace CriRuntime.E2e.Checkpoints;

/// <summary>
/// A program in criu's place, for hosts whose kernel the distribution's criu does not know: it keeps criu's part of the agreement (images, the pause in which the writable layer is
/// saved, the restored process and its pid), but what it brings back is a shell script. What criu itself does is tested where it works: <see cref="CriuTests"/>.
/// </summary>
internal static class FakeCriu
{
    /// <param name="directory">Where it is put.</param>
    /// <param name="dump">What it does before its images are there.</param>
    /// <param name="restored">The script that it restores.</param>
    /// <param name="named">What it writes for the pid of that.</param>
    /// <returns>Its path.</returns>
    internal static string Make(string directory, string dump = "", string restored = "echo restored; exec sleep 1000", string named = "$!")
    {
        string path = Path.Join(directory, "criu");
        File.WriteAllText(path, $$"""
            #!/bin/sh
            verb=$1
            while [ $# -gt 0 ]; do
                case $1 in
                --images-dir) images=$2;; --work-dir) work=$2;; --pidfile) pid=$2;; --action-script) script=$2;; --root) root=$2;;
                esac
                shift
            done
            if [ "$verb" = dump ]; then
                {{dump}}
                : > "$images/inventory.img"
                CRTOOLS_SCRIPT_ACTION=pre-dump "$script" && CRTOOLS_SCRIPT_ACTION=post-dump exec "$script"
            fi
            [ -s "$images/inventory.img" ] || [ -e "$root/proof" ] || { echo '(00.1) Error (criu/x.c:1): there is no proof' > "$work/restore.log"; exit 1; }
            exec 4<&0 # which a shell takes from what it starts in the background
            /bin/sh -c '{{restored}}' <&4 &
            # Not the shell's own printf, after which it would reap what has ended.
            exec /usr/bin/printf %s {{named}} > "$pid"

            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
