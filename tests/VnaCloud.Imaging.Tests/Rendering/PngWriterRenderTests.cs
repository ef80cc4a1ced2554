using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>PNG, read back by a reader that shares nothing with the writer but zlib.</summary>
public sealed class PngWriterRenderTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 1, 3)]
    [InlineData(33, 17, 1)]
    [InlineData(33, 17, 3)]
    [InlineData(300, 200, 3)]
    public void Write_AnyPicture_ReadsTheSame(int width, int height, int channels)
    {
        foreach (var picture in new[] { Pictures.Noise(width, height, channels), Pictures.Ramp(width, height, channels) })
        {
            var output = new ArrayBufferWriter<byte>();
            PngWriter.Write(picture, output);
            Assert.Equal(picture.Samples.ToArray(), Read(output.WrittenSpan, picture));
        }
    }

    private static byte[] Read(ReadOnlySpan<byte> png, Picture expected)
    {
        Assert.Equal("89504E470D0A1A0A", Convert.ToHexString(png[..8]));
        Assert.Equal("0000000049454E44AE426082", Convert.ToHexString(png[^12..]));
        var data = new MemoryStream();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png[at..]);
            var type = Encoding.ASCII.GetString(png.Slice(at + 4, 4));
            if (type == "IHDR")
            {
                Assert.Equal((expected.Width, expected.Height), (BinaryPrimitives.ReadInt32BigEndian(png[(at + 8)..]), BinaryPrimitives.ReadInt32BigEndian(png[(at + 12)..])));
                Assert.Equal([8, (byte)(expected.Channels == 3 ? 2 : 0), 0, 0, 0], png.Slice(at + 16, 5).ToArray());
            }
            if (type == "IDAT")
            {
                data.Write(png.Slice(at + 8, length));
            }
            at += length + 12;
        }
        data.Position = 0;
        using var zlib = new ZLibStream(data, CompressionMode.Decompress);
        var rows = new MemoryStream();
        zlib.CopyTo(rows);
        return Unfilter(rows.ToArray(), expected.Width * expected.Channels, expected.Channels);
    }

    private static byte[] Unfilter(byte[] rows, int width, int step)
    {
        var image = new byte[rows.Length / (width + 1) * width];
        for (var at = 0; at < image.Length; at++)
        {
            var (y, x) = Math.DivRem(at, width);
            int a = x >= step ? image[at - step] : 0, b = y > 0 ? image[at - width] : 0, c = x >= step && y > 0 ? image[at - width - step] : 0;
            var p = a + b - c;
            var paeth = new[] { a, b, c }.MinBy(value => Math.Abs(p - value));
            image[at] = (byte)(rows[(y * (width + 1)) + 1 + x] + rows[y * (width + 1)] switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => paeth });
        }
        return image;
    }
}
