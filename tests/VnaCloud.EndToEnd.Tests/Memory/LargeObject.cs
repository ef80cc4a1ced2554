using System.Buffers.Binary;
using System.Security.Cryptography;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Memory;

/// <summary>
/// A multi-frame object of any size that exists nowhere whole: encapsulated, a fragment a frame, with an Extended Offset Table (PS3.3
/// C.7.6.3.1.8), each fragment a fixed noise under its number.
/// </summary>
internal sealed class LargeObject
{
    public const int FrameBytes = 1 << 20;

    private const int ItemHeader = 8;
    private readonly byte[] _head;
    private readonly byte[] _frame = new byte[FrameBytes];

    public LargeObject(InstanceSpec spec, int frames)
    {
        Spec = spec;
        Frames = frames;
        new Random(17).NextBytes(_frame);
        _head = Head(spec with { Frames = frames });
    }

    public InstanceSpec Spec { get; }

    public int Frames { get; }

    public long Length => _head.Length + ((long)Frames * (ItemHeader + FrameBytes)) + ItemHeader;

    /// <summary>SHA-256 of what was written last.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>The bytes of one frame, from 0; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Frame(int number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_frame, number * 0x5DEECE66DL);
        return _frame;
    }

    public async Task WriteAsync(Stream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await WriteAsync(stream, hash, _head);
        for (var i = 0; i < Frames; i++)
        {
            await WriteAsync(stream, hash, Item(0xFFFE_E000, FrameBytes));
            await WriteAsync(stream, hash, Frame(i));
        }
        await WriteAsync(stream, hash, Item(0xFFFE_E0DD, 0));
        Hash = Convert.ToHexString(hash.GetHashAndReset());
    }

    private static async Task WriteAsync(Stream stream, IncrementalHash hash, ReadOnlyMemory<byte> bytes)
    {
        hash.AppendData(bytes.Span);
        await stream.WriteAsync(bytes);
    }

    // Everything before the first fragment: an empty Basic Offset Table is the last of it.
    private static byte[] Head(InstanceSpec spec)
    {
        var (offsets, lengths) = (new byte[8 * spec.Frames], new byte[8 * spec.Frames]);
        for (var i = 0; i < spec.Frames; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(offsets.AsSpan(8 * i), (long)i * (ItemHeader + FrameBytes));
            BinaryPrimitives.WriteInt64LittleEndian(lengths.AsSpan(8 * i), FrameBytes);
        }
        var data = Instances.DataSet(spec with { Frames = 1, Rows = 1, Columns = 1 });
        data.Remove(DicomTags.PixelData);
        data.Set(DicomTags.NumberOfFrames, DicomVr.IS, $"{spec.Frames}")
            .Set(DicomTags.Rows, spec.Rows)
            .Set(DicomTags.Columns, spec.Columns)
            .Set(new DicomElement(DicomTags.ExtendedOffsetTable, DicomVr.OV, offsets))
            .Set(new DicomElement(DicomTags.ExtendedOffsetTableLengths, DicomVr.OV, lengths));
        // (7FE0,0010) OB of undefined length.
        ReadOnlySpan<byte> pixelData = [0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        return [.. Instances.File(spec, data), .. pixelData, .. Item(0xFFFE_E000, 0)];
    }

    private static byte[] Item(uint tag, int length)
    {
        var item = new byte[ItemHeader];
        BinaryPrimitives.WriteUInt16LittleEndian(item, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(item.AsSpan(2), (ushort)tag);
        BinaryPrimitives.WriteInt32LittleEndian(item.AsSpan(4), length);
        return item;
    }
}
