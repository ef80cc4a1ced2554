using System.Buffers;
using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>
/// Writes pictures of one size as a GIF89a that repeats for ever. Grayscale keeps its 256 greys; colour is brought down to the 256
/// colours that suit each frame. What is written may be flushed after each frame.
/// </summary>
public sealed class GifWriter
{
    private const byte Trailer = 0x3B;
    private const byte GlobalTable256 = 0xF7;
    private const byte LocalTable256 = 0x87;
    private readonly IBufferWriter<byte> _output;
    private readonly int _width;
    private readonly int _height;
    private readonly ushort _delay;

    /// <summary>Writes the header.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="width">Width of the pictures, at most 65535.</param>
    /// <param name="height">Height of the pictures, at most 65535.</param>
    /// <param name="delay">How long a frame stands, in hundredths of a second as far as GIF can tell; browsers show below 20 ms as 100 ms.</param>
    public GifWriter(IBufferWriter<byte> output, int width, int height, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, ushort.MaxValue);
        (_output, _width, _height) = (output, width, height);
        _delay = (ushort)Math.Clamp(Math.Round(delay.TotalMilliseconds / 10), 0, ushort.MaxValue);
        WriteHeader();
    }

    /// <summary>Writes a frame.</summary>
    /// <exception cref="ArgumentException">It is not of the size that was said.</exception>
    public void Add(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Width != _width || picture.Height != _height)
        {
            throw new ArgumentException($"{picture.Width} x {picture.Height} in a GIF of {_width} x {_height}.", nameof(picture));
        }
        _output.Write<byte>([0x21, 0xF9, 4, 0, (byte)_delay, (byte)(_delay >> 8), 0, 0]);
        Span<byte> descriptor = stackalloc byte[10];
        descriptor.Clear();
        descriptor[0] = 0x2C;
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[5..], (ushort)_width);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[7..], (ushort)_height);
        if (picture.Channels == 1)
        {
            _output.Write(descriptor);
            GifCompressor.Write(_output, picture.Samples.Span);
            return;
        }
        var palette = ColorPalette.Of(picture);
        descriptor[9] = LocalTable256;
        _output.Write(descriptor);
        _output.Write(palette.Colors);
        GifCompressor.Write(_output, palette.Indexes);
    }

    /// <summary>Writes the end; nothing may follow.</summary>
    public void Complete() => _output.Write<byte>([Trailer]);

    private void WriteHeader()
    {
        _output.Write("GIF89a"u8);
        Span<byte> screen = stackalloc byte[7];
        screen.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(screen, (ushort)_width);
        BinaryPrimitives.WriteUInt16LittleEndian(screen[2..], (ushort)_height);
        screen[4] = GlobalTable256;
        _output.Write(screen);
        Span<byte> greys = stackalloc byte[3 * 256];
        for (var i = 0; i < greys.Length; i++)
        {
            greys[i] = (byte)(i / 3);
        }
        _output.Write(greys);
        // The extension by which Netscape, and everyone after it, was told to repeat; 0 is for ever.
        _output.Write<byte>([0x21, 0xFF, 11]);
        _output.Write("NETSCAPE2.0"u8);
        _output.Write<byte>([3, 1, 0, 0, 0]);
    }
}
