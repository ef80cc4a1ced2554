using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.Dimse;

/// <summary>Reads the bytes of a PDU after its header, big endian, never past their end.</summary>
internal ref struct PduReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public readonly bool IsAtEnd => _left.IsEmpty;

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _left.Length)
        {
            throw new PduFormatException(PduFault.InvalidParameter, "A field or item reaches past the end of what it is in");
        }
        var bytes = _left[..count];
        _left = _left[count..];
        return bytes;
    }

    public ReadOnlySpan<byte> Rest() => Bytes(_left.Length);

    /// <summary>A type, a reserved byte, a length and so many bytes.</summary>
    public PduReader Item(out ItemType type)
    {
        type = (ItemType)Byte();
        Byte();
        return new PduReader(Bytes(UInt16()));
    }

    public string Uid() => Uid(Rest());

    /// <summary>A length and so many bytes of a UID.</summary>
    public string SizedUid() => Uid(Bytes(UInt16()));

    public string Text() => Encoding.Latin1.GetString(Rest()).Trim(' ', '\0');

    /// <summary>A length and so many bytes.</summary>
    public byte[] SizedBytes() => Bytes(UInt16()).ToArray();

    // PS3.8 Annex F does not pad UIDs; those who pad them as in a data set are understood.
    private static string Uid(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.Trim((byte)0).Trim((byte)' ');
        if (bytes.Length > Dicom.DicomUid.ToleratedLength || bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            throw new PduFormatException(PduFault.InvalidParameter, "A name that is no UID");
        }
        return Encoding.ASCII.GetString(bytes);
    }
}
