using System.Buffers.Binary;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests;

/// <summary>Files that dcmcjpeg makes, in each of its ways.</summary>
public sealed class DcmcjpegTests
{
    [Theory]
    [InlineData(16, "+el +sv 1")]
    [InlineData(16, "+el +sv 2")]
    [InlineData(16, "+el +sv 3")]
    [InlineData(16, "+el +sv 4")]
    [InlineData(16, "+el +sv 5")]
    [InlineData(16, "+el +sv 6")]
    [InlineData(16, "+el +sv 7")]
    [InlineData(16, "+e1")]
    [InlineData(12, "+el +sv 5")]
    [InlineData(10, "+el +sv 4")]
    [InlineData(8, "+el +sv 7")]
    [InlineData(8, "+e1 +fs 1")]
    public async Task Decode_LosslessFile_IsTheNativeImage(int bits, string options)
    {
        var (native, ours) = await DecodeAsync(bits, 1, options);
        Assert.Equal(native, ours);
    }

    [Theory]
    [InlineData(8, 3, "+e1")]
    [InlineData(8, 1, "+eb")]
    [InlineData(8, 1, "+eb +q 20 -ho")]
    [InlineData(8, 1, "+ee")]
    [InlineData(12, 1, "+ee +bt")]
    [InlineData(12, 1, "+ee +bt +q 30")]
    [InlineData(8, 3, "+eb +s2")]
    [InlineData(8, 3, "+eb +s4 +q 100")]
    [InlineData(8, 3, "+eb +n1 +q 50")]
    [InlineData(8, 3, "+ee +n2")]
    [InlineData(8, 3, "+eb +cr")]
    [InlineData(16, 1, "+el +pl +pt 3 +sv 6")]
    public async Task Decode_File_IsWhatDcmdjpegDecodes(int bits, int samples, string options) => await DecodeAsync(bits, samples, options);

    private static async Task<(int[] Native, int[] Ours)> DecodeAsync(int bits, int samples, string options)
    {
        Assert.SkipUnless(Oracle.HasDcmtk.Value, Oracle.Missing);
        var (file, native) = Native(bits, samples);
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, file);
            var compressed = path + ".jpeg";
            Assert.Null(await Oracle.RunAsync("dcmcjpeg", [.. options.Split(' '), path, compressed]));
            var ours = JpegSamples.Decode((await PixelFile.OpenAsync(compressed)).Frames[0]);
            var (theirs, complaint) = await Oracle.RunAsync("dcmdjpeg", ["+cn", "+px"], compressed);
            File.Delete(compressed);
            Assert.True(theirs is not null, complaint);
            Assert.Equal(0, JpegSamples.LargestDifference(JpegSamples.Of(theirs.Frames[0], theirs.Pixels.BitsAllocated), ours));
            return (native, ours);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // Waves with some noise: lossless compression finds all sizes of differences in it.
    private static (byte[] File, int[] Samples) Native(int bits, int samples)
    {
        const int Rows = 61;
        const int Columns = 83;
        var random = new Random(bits);
        var largest = (1 << bits) - 1;
        var values = new int[Rows * Columns * samples];
        for (var i = 0; i < values.Length; i++)
        {
            var (y, x) = Math.DivRem(i / samples, Columns);
            var wave = 0.5 + 0.4 * Math.Sin((x + i % samples * 5) / 7.0) * Math.Cos(y / 9.0);
            values[i] = Math.Clamp((int)(wave * largest) + random.Next(-largest / 30, largest / 30 + 1), 0, largest);
        }
        var bytes = bits == 8 ? Array.ConvertAll(values, value => (byte)value) : new byte[2 * values.Length];
        for (var i = 0; bits > 8 && i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)values[i]);
        }
        var spec = new InstanceSpec("2.25.1", "2.25.2", "2.25.3") { SopClass = "1.2.840.10008.5.1.4.1.1.7", Rows = Rows, Columns = Columns };
        var dataSet = Instances.DataSet(spec).Set(DicomTags.SamplesPerPixel, (ushort)samples)
            .Set(DicomTags.BitsAllocated, (ushort)(bits == 8 ? 8 : 16)).Set(DicomTags.BitsStored, (ushort)bits).Set(DicomTags.HighBit, (ushort)(bits - 1))
            .Set(DicomTags.PhotometricInterpretation, DicomVr.CS, samples == 3 ? "RGB" : "MONOCHROME2");
        if (samples > 1)
        {
            dataSet.Set(DicomTags.PlanarConfiguration, (ushort)0);
        }
        dataSet.Set(new DicomElement(DicomTags.PixelData, bits == 8 ? DicomVr.OB : DicomVr.OW, bytes.Length % 2 == 0 ? bytes : [.. bytes, 0]));
        return (Instances.File(spec, dataSet), values);
    }
}
