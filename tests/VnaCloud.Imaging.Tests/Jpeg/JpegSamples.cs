using System.Runtime.InteropServices;

namespace VnaCloud.Imaging.Tests;

/// <summary>Samples as numbers, whatever bytes they take.</summary>
internal static class JpegSamples
{
    public static int[] Decode(ReadOnlySpan<byte> stream)
    {
        var header = JpegHeader.Read(stream);
        var output = new byte[header.OutputLength];
        JpegDecoder.Decode(stream, header, output, default);
        return Of(output, 8 * header.SampleBytes);
    }

    /// <summary>What dcmdjpeg makes of streams of one kind of image, without conversion of colours.</summary>
    public static async Task<List<int[]>> DcmdjpegAsync(IReadOnlyList<byte[]> streams, ImagePixels pixels, string syntax)
    {
        var (file, complaint) = await Oracle.RunAsync("dcmdjpeg", ["+cn", "+px"], PixelFile.Wrap(streams, pixels, syntax));
        Assert.True(file is not null, $"dcmdjpeg: {complaint}");
        return [.. file.Frames.Select(frame => Of(frame, file.Pixels.BitsAllocated))];
    }

    public static int[] Of(byte[] samples, int bits) => bits == 8
        ? Array.ConvertAll(samples, sample => (int)sample)
        : Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(samples).ToArray(), sample => (int)sample);

    /// <summary>The largest difference of two samples; that of nothing alike when their numbers differ.</summary>
    public static int LargestDifference(int[] first, int[] second) =>
        first.Length != second.Length ? int.MaxValue : first.Zip(second, (one, other) => Math.Abs(one - other)).Max();
}
