using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Storage;

/// <summary>A temporary file without a name, in slots of 1 MiB that are used again: the kernel frees it whatever becomes of us. Renting is for one caller at a time.</summary>
internal sealed class SlotFile(string folder) : IDisposable
{
    /// <summary>Bytes of a slot.</summary>
    public const int SlotSize = 1024 * 1024;

    private readonly SafeFileHandle _file = Open(folder);
    private readonly Stack<int> _free = new();
    private int _slots;

    public int Rent() => _free.TryPop(out var slot) ? slot : _slots++;

    public void Return(int slot) => _free.Push(slot);

    public void Write(int slot, int at, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_file, bytes, Place(slot, at));

    public int Read(int slot, int at, Span<byte> destination) => RandomAccess.Read(_file, destination, Place(slot, at));

    public void Dispose() => _file.Dispose();

    private static long Place(int slot, int at) => ((long)slot * SlotSize) + at;

    private static SafeFileHandle Open(string folder)
    {
        if (OperatingSystem.IsLinux())
        {
            using var directory = Posix.OpenRoot(folder);
            if (Posix.CreateAnonymous(directory) is { } anonymous)
            {
                return anonymous;
            }
        }
        var path = Path.Combine(folder, Path.GetRandomFileName());
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
        File.Delete(path);
        return file;
    }
}
