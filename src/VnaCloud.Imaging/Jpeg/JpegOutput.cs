using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>The pixels that the caller gave room for.</summary>
internal readonly ref struct JpegOutput(Span<byte> output, JpegHeader header)
{
    private readonly Span<byte> _output = output;
    private readonly int _width = header.Width;
    private readonly int _height = header.Height;
    private readonly int _components = header.Components.Count;
    private readonly bool _isWide = header.SampleBytes == 2;

    /// <summary>Writes the samples of one component to a row of pixels; rows below the last are padding of the stream.</summary>
    /// <param name="samples">A sample for each pixel, or more.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="component">The component, from 0.</param>
    public void Write(ReadOnlySpan<ushort> samples, int row, int component)
    {
        if (row >= _height)
        {
            return;
        }
        samples = samples[.._width];
        var first = row * _width * _components + component;
        if (_isWide)
        {
            var target = _output[(2 * first)..];
            for (var (x, at) = (0, 0); x < samples.Length; x++, at += 2 * _components)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(target[at..], samples[x]);
            }
        }
        else
        {
            var target = _output[first..];
            for (var (x, at) = (0, 0); x < samples.Length; x++, at += _components)
            {
                target[at] = (byte)samples[x];
            }
        }
    }
}
