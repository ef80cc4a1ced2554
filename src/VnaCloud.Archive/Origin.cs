using System.Buffers.Binary;
using System.Globalization;

namespace VnaCloud.Archive;

/// <summary>
/// Where an instance first arrived: the pack and its ordinal there. Compaction copies it unchanged, so decisions (deletes, voids,
/// restores) name an arrival for ever, and "the first" means the same on every node and after every reindex.
/// </summary>
/// <param name="Pack">The pack in which the instance first arrived.</param>
/// <param name="Ordinal">Its place in that pack, from 0.</param>
public readonly record struct Origin(Ulid Pack, int Ordinal) : IComparable<Origin>
{
    /// <summary>Bytes of the binary form: sixteen of the pack, four of the ordinal, big endian, so that bytes sort as origins do.</summary>
    public const int Size = 20;

    /// <inheritdoc/>
    public int CompareTo(Origin other) => Pack == other.Pack ? Ordinal.CompareTo(other.Ordinal) : Pack.CompareTo(other.Pack);

    /// <summary>The binary form.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Pack.WriteTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), Ordinal);
        return bytes;
    }

    /// <summary>Reads the binary form.</summary>
    public static Origin Read(ReadOnlySpan<byte> bytes) => new(Ulid.Read(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[16..]));

    /// <summary>The text form of journals and manifests: ULID, slash, ordinal.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pack}/{Ordinal}");

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Origin origin)
    {
        origin = default;
        if (text.Length < Ulid.TextLength + 2 || text[Ulid.TextLength] != '/' || !Ulid.TryParse(text[..Ulid.TextLength], out var pack)
            || !int.TryParse(text[(Ulid.TextLength + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
        {
            return false;
        }
        origin = new Origin(pack, ordinal);
        return true;
    }
}
