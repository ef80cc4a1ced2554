using System.Buffers;

namespace VnaCloud.Imaging;

/// <summary>A decoded frame: native, little endian, as <see cref="Pixels"/> says. Its memory goes back when it is disposed.</summary>
public sealed class FrameSamples : IDisposable
{
    private byte[]? _rented;

    private FrameSamples(ImagePixels pixels, byte[] rented, int length) => (Pixels, _rented, Length) = (pixels, rented, length);

    /// <summary>How the samples lie; colours and planes may be others than those that are stored.</summary>
    public ImagePixels Pixels { get; }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>The samples.</summary>
    public Memory<byte> Bytes => _rented.AsMemory(0, Length);

    /// <summary>Room for a frame of this form; what is in it is not cleared.</summary>
    /// <exception cref="ImageException">It takes more than <paramref name="mostBytes"/>.</exception>
    public static FrameSamples Rent(ImagePixels pixels, int mostBytes)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var length = pixels.FrameLength;
        return length <= mostBytes ? new FrameSamples(pixels, ArrayPool<byte>.Shared.Rent((int)length), (int)length)
            : throw new ImageException($"A frame of {length} bytes is larger than is decoded here ({mostBytes}).");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
