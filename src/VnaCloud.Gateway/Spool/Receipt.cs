using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VnaCloud.Gateway.Spool;

/// <summary>
/// Names one object as it was received, never what it is: the same instance received twice has two receipts. 48 bits of Unix milliseconds and
/// 80 more; sorts by time, as its 26 characters of Crockford base 32 do.
/// </summary>
internal readonly record struct Receipt(UInt128 Value) : IComparable<Receipt>
{
    /// <summary>Characters of the text form.</summary>
    public const int TextLength = 26;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>When it was given out; after a clock that was set back, later than that.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)(ulong)(Value >> 80));

    public static bool TryParse(ReadOnlySpan<char> text, out Receipt receipt)
    {
        receipt = default;
        if (text.Length != TextLength || text[0] > '7')
        {
            return false;
        }
        UInt128 value = 0;
        foreach (var character in text)
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }
            value = (value << 5) | (uint)digit;
        }
        receipt = new Receipt(value);
        return true;
    }

    public int CompareTo(Receipt other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(TextLength, Value, static (span, value) =>
    {
        for (var i = TextLength - 1; i >= 0; i--)
        {
            span[i] = Alphabet[(int)(value & 31)];
            value >>= 5;
        }
    });
}

/// <summary>Gives out receipts that rise, also within a millisecond and when the clock is set back.</summary>
internal sealed class ReceiptSequence(TimeProvider time)
{
    private readonly Lock _gate = new();
    private UInt128 _last;

    public Receipt Next()
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random[6..]);
        // The uppermost bit stays free, so that rising within a millisecond does not run into the next.
        var tail = BinaryPrimitives.ReadUInt128BigEndian(random) & ((UInt128.One << 79) - 1);
        var now = ((UInt128)(ulong)time.GetUtcNow().ToUnixTimeMilliseconds() << 80) | tail;
        lock (_gate)
        {
            _last = now > _last && now >> 80 != _last >> 80 ? now : _last + 1 + (tail >> 60);
            return new Receipt(_last);
        }
    }

    /// <summary>What comes next comes after this one, which an earlier process gave out.</summary>
    public void Follow(Receipt earlier)
    {
        lock (_gate)
        {
            _last = UInt128.Max(_last, earlier.Value);
        }
    }
}
