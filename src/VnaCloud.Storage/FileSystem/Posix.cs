using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Storage;

/// <summary>The calls that .NET does not offer: anonymous files, links, opening beneath a directory, fsync of a directory. Linux only.</summary>
internal static partial class Posix
{
    public const int ENOENT = 2, EEXIST = 17, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ELOOP = 40, EOPNOTSUPP = 95;

    public const uint FileMode = 0b110_100_000, DirectoryMode = 0b111_101_000;

    private const int AtCurrentDirectory = -100, AtRemoveNothing = 0, AtSymlinkFollow = 0x400;
    private const int SetFlags = 4;
    private const nint OpenAt2Number = 437; // on every architecture
    private const ulong NoSymbolicLinks = 0x04, Beneath = 0x08;
    private const int Create = 0x40, Exclusive = 0x80, ReadWrite = 2, NonBlocking = 0x800, CloseOnExec = 0x8_0000, PathOnly = 0x20_0000;

    // Three flags differ between the architectures.
    private static readonly int Directory = IsArm ? 0x4000 : 0x1_0000;
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x2_0000;
    private static readonly int Direct = IsArm ? 0x1_0000 : 0x4000;
    private static readonly int Anonymous = 0x40_0000 | Directory;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>Opens the root, wherever it leads; everything else is opened beneath it.</summary>
    public static SafeFileHandle OpenRoot(string path) => Handle(Open(AtCurrentDirectory, path, PathOnly | Directory | CloseOnExec, 0), path);

    /// <summary>A directory to pass through or, when <paramref name="readable"/>, to fsync. Symbolic links are refused. Null when there is none.</summary>
    public static SafeFileHandle? OpenDirectory(SafeFileHandle parent, string name, bool readable) =>
        HandleOrMissing(OpenAt(parent, name, (readable ? 0 : PathOnly) | Directory | NoFollow | CloseOnExec, 0), name);

    /// <summary>
    /// A directory to fsync, some steps below another, opened at once and by the rules of <see cref="OpenDirectory"/> at every step (openat2). Null when it is
    /// missing, or cannot be opened this way: where the kernel does not know it, a sandbox forbids it, a link stands in between.
    /// </summary>
    public static SafeFileHandle? OpenBeneath(SafeFileHandle root, string path)
    {
        var how = new OpenHow { Flags = (ulong)(Directory | NoFollow | CloseOnExec), Resolve = Beneath | NoSymbolicLinks };
        var descriptor = OpenAt2(OpenAt2Number, root, path, how, Marshal.SizeOf<OpenHow>());
        return descriptor < 0 ? null : new SafeFileHandle((int)descriptor, ownsHandle: true);
    }

    /// <summary>A file to read. Symbolic links are refused. Null when there is none.</summary>
    public static SafeFileHandle? OpenToRead(SafeFileHandle directory, string name) =>
        HandleOrMissing(OpenAt(directory, name, NoFollow | NonBlocking | CloseOnExec, 0), name);

    /// <summary>A file without a name in this directory's file system (O_TMPFILE); null when the file system has no such files.</summary>
    public static SafeFileHandle? CreateAnonymous(SafeFileHandle directory)
    {
        var descriptor = OpenAt(directory, ".", Anonymous | ReadWrite | CloseOnExec, FileMode);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() is EOPNOTSUPP or EISDIR or EINVAL)
        {
            return null;
        }
        return Handle(descriptor, "a temporary file");
    }

    /// <summary>A new file; a name that exists is an error.</summary>
    public static SafeFileHandle CreateNew(SafeFileHandle directory, string name) =>
        Handle(OpenAt(directory, name, Create | Exclusive | ReadWrite | NoFollow | CloseOnExec, FileMode), name);

    /// <summary>Makes a directory; true when this call made it.</summary>
    public static bool MakeDirectory(SafeFileHandle parent, string name)
    {
        if (MkdirAt(parent, name, DirectoryMode) == 0)
        {
            return true;
        }
        return Marshal.GetLastPInvokeError() is var errno and not EEXIST ? throw Error(errno, $"Making the directory {name}") : false;
    }

    /// <summary>Waits until what the descriptor names is on the disk.</summary>
    public static void Sync(SafeFileHandle handle, string what)
    {
        if (FSync(handle) != 0)
        {
            throw Error(Marshal.GetLastPInvokeError(), $"fsync of {what}");
        }
    }

    /// <summary>Sends reads and writes past the page cache, or through it again; false where the file system cannot.</summary>
    public static bool TrySetDirect(SafeFileHandle file, bool direct) => FControl(file, SetFlags, direct ? Direct : 0) == 0;

    /// <summary>Gives an anonymous file its name; false when the name is taken.</summary>
    public static bool LinkAnonymous(SafeFileHandle file, SafeFileHandle directory, string name) =>
        Linked(LinkAt(AtCurrentDirectory, $"/proc/self/fd/{file.DangerousGetHandle()}", directory, name, AtSymlinkFollow), name);

    /// <summary>Gives a file a second name; false when the name is taken.</summary>
    public static bool Link(SafeFileHandle directory, string from, string to) =>
        Linked(LinkAt((int)directory.DangerousGetHandle(), from, directory, to, 0), to);

    /// <summary>Removes a name; false when there was none.</summary>
    public static bool Unlink(SafeFileHandle directory, string name)
    {
        if (UnlinkAt(directory, name, AtRemoveNothing) == 0)
        {
            return true;
        }
        return Marshal.GetLastPInvokeError() is var errno and not ENOENT ? throw Error(errno, $"Removing {name}") : false;
    }

    /// <summary>The exception that .NET's own file calls throw: the error number is the HResult (28 is ENOSPC).</summary>
    public static IOException Error(int errno, string what) =>
        new(errno is ELOOP or ENOTDIR
            ? $"{what}: a symbolic link or a file stands where the store has a directory or an object; refused."
            : $"{what}: {Marshal.GetPInvokeErrorMessage(errno)}.", errno);

    private static bool Linked(int result, string name)
    {
        if (result == 0)
        {
            return true;
        }
        return Marshal.GetLastPInvokeError() is var errno and not EEXIST ? throw Error(errno, $"Linking {name}") : false;
    }

    private static SafeFileHandle? HandleOrMissing(int descriptor, string name) =>
        descriptor < 0 && Marshal.GetLastPInvokeError() == ENOENT ? null : Handle(descriptor, name);

    private static SafeFileHandle Handle(int descriptor, string name) =>
        descriptor < 0 ? throw Error(Marshal.GetLastPInvokeError(), $"Opening {name}") : new SafeFileHandle(descriptor, ownsHandle: true);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(int directory, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(SafeFileHandle directory, string path, int flags, uint mode);

    // The C library has no function of its own for it.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenAt2(nint number, SafeFileHandle directory, string path, in OpenHow how, nint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkdirAt(SafeFileHandle directory, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    // Not variadic here: on Linux's x64 and arm64 the third argument is passed as any other.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FControl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(int fromDirectory, string from, SafeFileHandle toDirectory, string to, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(SafeFileHandle directory, string path, int flags);

    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
