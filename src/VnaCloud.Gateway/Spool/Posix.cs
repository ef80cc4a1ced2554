using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Gateway.Spool;

/// <summary>The calls that .NET does not offer. Linux only.</summary>
internal static partial class Posix
{
    private const int ENOSPC = 28, EDQUOT = 122;

    /// <summary>Whether an error of a file says that there is no room: of the disk, or of a quota.</summary>
    public static bool IsFull(Exception failure) => failure is IOException { HResult: ENOSPC or EDQUOT };

    /// <summary>A directory, to be fsynced.</summary>
    public static SafeFileHandle OpenDirectory(string path)
    {
        var descriptor = Open(path, CloseOnExec | Directory, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Error($"Opening {path}");
    }

    /// <summary>Waits until what the descriptor names is on the disk.</summary>
    public static void Sync(SafeFileHandle handle)
    {
        if (FSync(handle) != 0)
        {
            throw Error("fsync");
        }
    }

    /// <summary>Gives a file its name, which nothing else has.</summary>
    public static void Rename(string from, string to)
    {
        if (RenameFile(from, to) != 0)
        {
            throw Error("Renaming a file of the spool");
        }
    }

    /// <summary>Gives a file an extended attribute; false where its file system has none.</summary>
    public static bool TrySetAttribute(SafeFileHandle file, string name, string value)
    {
        var bytes = Encoding.ASCII.GetBytes(value);
        return SetAttribute(file, name, bytes, bytes.Length, 0) == 0;
    }

    /// <summary>An extended attribute of up to 128 bytes; null when there is none.</summary>
    public static string? GetAttribute(string path, string name)
    {
        Span<byte> value = stackalloc byte[128];
        var length = (int)GetAttribute(path, name, value, value.Length);
        return length > 0 ? Encoding.ASCII.GetString(value[..length]) : null;
    }

    private const int CloseOnExec = 0x8_0000;

    private static int Directory => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x1_0000;

    private static IOException Error(string what)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(errno)}.", errno);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsetxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(SafeFileHandle file, string name, ReadOnlySpan<byte> value, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(string path, string name, Span<byte> value, nint size);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);
}
