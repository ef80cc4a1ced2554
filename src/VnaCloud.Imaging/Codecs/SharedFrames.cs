using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace VnaCloud.Imaging;

/// <summary>A worker's memory file, mapped here as well. It lives in memory alone and ends with both processes, whichever way they end.</summary>
internal sealed class SharedFrames : IDisposable
{
    private readonly FileStream _file;
    private MemoryMappedFile? _map;
    private View? _view;

    private SharedFrames(FileStream file) => _file = file;

    /// <summary>Bytes that can be used.</summary>
    public long Length => _view?.Length ?? 0;

    /// <summary>Opens the file that process <paramref name="process"/> has under the number <paramref name="file"/>.</summary>
    public static SharedFrames Open(int process, int file) =>
        new(new FileStream($"/proc/{process}/fd/{file}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));

    /// <summary>Maps <paramref name="length"/> bytes, which the worker has allocated: touching what is not there would end this process.</summary>
    public void Map(long length)
    {
        Unmap();
        if (_file.Length < length)
        {
            throw new IOException("A codec worker's memory is shorter than it says.");
        }
        _map = MemoryMappedFile.CreateFromFile(_file, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = new View(_map.CreateViewAccessor(0, length, MemoryMappedFileAccess.ReadWrite), length);
    }

    /// <summary>A range of it.</summary>
    public Span<byte> Range(long offset, int length) => _view!.Range(offset, length);

    public void Dispose()
    {
        Unmap();
        _file.Dispose();
    }

    private void Unmap()
    {
        (_view as IDisposable)?.Dispose();
        _map?.Dispose();
        (_view, _map) = (null, null);
    }

    private sealed unsafe class View : IDisposable
    {
        private readonly MemoryMappedViewAccessor _accessor;
        private readonly byte* _start;

        public View(MemoryMappedViewAccessor accessor, long length)
        {
            (_accessor, Length) = (accessor, length);
            byte* pointer = null;
            accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            _start = pointer + accessor.PointerOffset;
        }

        public long Length { get; }

        public Span<byte> Range(long offset, int length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length, nameof(length));
            return new Span<byte>(_start + offset, length);
        }

        public void Dispose()
        {
            _accessor.SafeMemoryMappedViewHandle.ReleasePointer();
            _accessor.Dispose();
        }
    }
}
