using System.Buffers.Binary;
using System.Buffers.Text;
using VnaCloud.Archive;

namespace VnaCloud.Server.Changes;

/// <summary>A place in the change feed as text that means nothing to clients.</summary>
internal static class ChangeCursor
{
    private const int Size = 16;

    public static string Write(ChangePosition position)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, position.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], position.Sequence);
        return Base64Url.EncodeToString(bytes);
    }

    public static ChangePosition? Read(string text)
    {
        Span<byte> bytes = stackalloc byte[Size];
        return text.Length <= 2 * Size && Base64Url.IsValid(text, out var length) && length == Size && Base64Url.TryDecodeFromChars(text, bytes, out _)
            ? new ChangePosition(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]))
            : null;
    }
}
