using System.Buffers.Text;
using System.Text;
using VnaCloud.Archive;

namespace VnaCloud.Index.Query;

/// <summary>A result key as opaque text: base64url of a version byte, the level and the key's values.</summary>
internal static class Cursor
{
    private const byte Version = 1;

    /// <summary>Longest cursor that is read; seven values of the longest columns fit.</summary>
    private const int MaxLength = 16_384;

    private static readonly UTF8Encoding Strict = new(false, true);

    public static string Write(QueryLevel level, ResultKey key)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Strict);
        writer.Write(Version);
        writer.Write((byte)level);
        writer.Write(key.StudyDate);
        writer.Write(key.StudyTime);
        writer.Write(key.StudyUid);
        writer.Write(key.SeriesOrder);
        writer.Write(key.SeriesUid);
        writer.Write(key.InstanceOrder);
        writer.Write(key.SopUid);
        writer.Flush();
        return Base64Url.EncodeToString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <exception cref="InvalidCursorException">Not a cursor of this level.</exception>
    public static ResultKey Read(QueryLevel level, string cursor)
    {
        if (cursor.Length > MaxLength || !Base64Url.IsValid(cursor))
        {
            throw new InvalidCursorException();
        }
        try
        {
            var bytes = Base64Url.DecodeFromChars(cursor);
            using var reader = new BinaryReader(new MemoryStream(bytes), Strict);
            if (reader.ReadByte() != Version || reader.ReadByte() != (byte)level)
            {
                throw new InvalidCursorException();
            }
            var key = new ResultKey
            {
                StudyDate = reader.ReadString(), StudyTime = reader.ReadString(), StudyUid = reader.ReadString(),
                SeriesOrder = reader.ReadInt64(), SeriesUid = reader.ReadString(), InstanceOrder = reader.ReadInt64(), SopUid = reader.ReadString(),
            };
            return reader.BaseStream.Position == bytes.Length ? key : throw new InvalidCursorException();
        }
        catch (Exception error) when (error is IOException or ArgumentException or FormatException)
        {
            throw new InvalidCursorException();
        }
    }
}
