using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>The bytes around frames in a Pixel Data element of explicit VR little endian (PS3.5 7.1.2, A.4).</summary>
public static class PixelDataElement
{
    private const int ItemHeaderLength = 8;

    /// <summary>Bytes that native pixel data can have: its length is 32 bits, and even.</summary>
    public const long MaxNativeLength = 0xFFFF_FFFE - 1;

    /// <summary>The closing Sequence Delimitation Item.</summary>
    public static ReadOnlyMemory<byte> Delimitation { get; } = Item(0xE0DD, 0);

    /// <summary>What stands before native frames.</summary>
    /// <param name="pixels">The image.</param>
    /// <param name="length">Bytes of all frames; the element's are one more where that is odd.</param>
    public static byte[] NativeHeader(ImagePixels pixels, long length)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        return Header(pixels.BitsAllocated > 8 ? "OW"u8 : "OB"u8, checked((uint)(length + length % 2)));
    }

    /// <summary>What stands before encapsulated frames: an empty Basic Offset Table, since offsets are not known before the frames are made.</summary>
    public static byte[] EncapsulatedHeader() => [.. Header("OB"u8, 0xFFFF_FFFF), .. Item(0xE000, 0)];

    /// <summary>What stands before a fragment.</summary>
    /// <param name="length">Its bytes; the item's are one more where that is odd.</param>
    public static byte[] FragmentHeader(int length) => Item(0xE000, (uint)(length + length % 2));

    private static byte[] Header(ReadOnlySpan<byte> vr, uint length)
    {
        var header = new byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, 0x7FE0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), 0x0010);
        vr.CopyTo(header.AsSpan(4));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), length);
        return header;
    }

    private static byte[] Item(ushort element, uint length)
    {
        var item = new byte[ItemHeaderLength];
        BinaryPrimitives.WriteUInt16LittleEndian(item, 0xFFFE);
        BinaryPrimitives.WriteUInt16LittleEndian(item.AsSpan(2), element);
        BinaryPrimitives.WriteUInt32LittleEndian(item.AsSpan(4), length);
        return item;
    }
}
