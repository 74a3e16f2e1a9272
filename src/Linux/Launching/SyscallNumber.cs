using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>
/// The numbers of the system calls that a plan's steps use, for x86-64 (asm/unistd_64.h) and for the architectures
/// with the generic table (asm-generic/unistd.h: arm64, riscv64, loong64). The choice is folded when the program is compiled.
/// </summary>
internal static class SyscallNumber
{
    private static bool X64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    internal static int Read => X64 ? 0 : 63;
    internal static int Write => X64 ? 1 : 64;
    internal static int Close => X64 ? 3 : 57;
    internal static int PPoll => X64 ? 271 : 73;
    internal static int Lseek => X64 ? 8 : 62;
    internal static int SigAction => X64 ? 13 : 134;
    internal static int SigProcMask => X64 ? 14 : 135;
    internal static int SigTimedWait => X64 ? 128 : 137;
    internal static int Ioctl => X64 ? 16 : 29;
    internal static int Socket => X64 ? 41 : 198;
    internal static int SocketPair => X64 ? 53 : 199;
    internal static int SendMsg => X64 ? 46 : 211;
    internal static int SendTo => X64 ? 44 : 206;
    internal static int RecvFrom => X64 ? 45 : 207;
    internal static int Wait4 => X64 ? 61 : 260;
    internal static int Kill => X64 ? 62 : 129;
    internal static int Fcntl => X64 ? 72 : 25;
    internal static int GetCwd => X64 ? 79 : 17;
    internal static int Chdir => X64 ? 80 : 49;
    internal static int Fchdir => X64 ? 81 : 50;
    internal static int FSetXattr => X64 ? 190 : 7;
    internal static int Umask => X64 ? 95 : 166;
    internal static int Personality => X64 ? 135 : 92;
    internal static int FStatFs => X64 ? 138 : 44;
    internal static int PivotRoot => X64 ? 155 : 41;
    internal static int Prctl => X64 ? 157 : 167;
    internal static int Mount => X64 ? 165 : 40;
    internal static int Umount2 => X64 ? 166 : 39;
    internal static int SetHostName => X64 ? 170 : 161;
    internal static int SetDomainName => X64 ? 171 : 162;
    internal static int GetDents64 => X64 ? 217 : 61;
    internal static int OpenAt => X64 ? 257 : 56;
    internal static int MkdirAt => X64 ? 258 : 34;
    internal static int MknodAt => X64 ? 259 : 33;
    internal static int FchownAt => X64 ? 260 : 54;
    internal static int Fchown => X64 ? 93 : 55;
    internal static int Fchmod => X64 ? 91 : 52;
    internal static int UnlinkAt => X64 ? 263 : 35;
    internal static int SymlinkAt => X64 ? 266 : 36;
    internal static int ReadLinkAt => X64 ? 267 : 78;
    internal static int FchmodAt => X64 ? 268 : 53;
    internal static int UtimensAt => X64 ? 280 : 88;
    internal static int SendFile => X64 ? 40 : 71;
    internal static int Unshare => X64 ? 272 : 97;
    internal static int SetNs => X64 ? 308 : 268;
    internal static int Dup3 => X64 ? 292 : 24;
    internal static int SetSid => X64 ? 112 : 157;
    internal static int SetResUid => X64 ? 117 : 147;
    internal static int SetResGid => X64 ? 119 : 149;
    internal static int SetGroups => X64 ? 116 : 159;
    internal static int CapSet => X64 ? 126 : 91;
    internal static int Seccomp => X64 ? 317 : 277;
    internal static int Bpf => X64 ? 321 : 280;
    internal static int KeyCtl => X64 ? 250 : 219;
    internal static int SchedSetAttr => X64 ? 314 : 274;
    internal static int SetMemPolicy => X64 ? 238 : 237;
    internal static int ClockGetTime => X64 ? 228 : 113;
    internal static int IoPrioSet => X64 ? 251 : 30;
    internal static int Statx => X64 ? 332 : 291;
    internal static int PrLimit64 => X64 ? 302 : 261;
    internal static int MemfdCreate => X64 ? 319 : 279;
    internal static int ExecVe => X64 ? 59 : 221;
    internal static int ExitGroup => X64 ? 231 : 94;
    internal static int GetPid => X64 ? 39 : 172;

    // From here on all architectures share the numbers.
    internal const int PidFdSendSignal = 424;
    internal const int OpenTree = 428;
    internal const int MoveMount = 429;
    internal const int FsOpen = 430;
    internal const int FsConfig = 431;
    internal const int FsMount = 432;
    internal const int PidFdOpen = 434;
    internal const int Clone3 = 435;
    internal const int CloseRange = 436;
    internal const int OpenAt2 = 437;
    internal const int MountSetAttr = 442;
}
