using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VnaCloud.Archive;

/// <summary>
/// 48 bits of Unix milliseconds and 80 random bits; sorts by time, as bytes and as its 26 characters of Crockford base 32.
/// Names packs, journal objects, batches and decisions.
/// </summary>
public readonly record struct Ulid(UInt128 Value) : IComparable<Ulid>
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>Characters of the text form.</summary>
    public const int TextLength = 26;

    /// <summary>The time part.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)(ulong)(Value >> 80));

    /// <summary>A new one for this moment.</summary>
    public static Ulid New(TimeProvider time)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random[6..]);
        var milliseconds = (UInt128)(ulong)time.GetUtcNow().ToUnixTimeMilliseconds();
        return new Ulid((milliseconds << 80) | (BinaryPrimitives.ReadUInt128BigEndian(random) & (UInt128.One << 80) - 1));
    }

    /// <summary>The smallest one of a moment.</summary>
    public static Ulid FirstOf(DateTimeOffset time) => new((UInt128)(ulong)time.ToUnixTimeMilliseconds() << 80);

    /// <summary>The next value, for a strictly rising series within one millisecond.</summary>
    public Ulid Next() => new(Value + 1);

    /// <summary>A value a little larger, at random, so that no other series has it.</summary>
    public Ulid After() => new(Value + (UInt128)(ulong)Random.Shared.NextInt64(1, 1L << 38));

    /// <summary>Sixteen bytes, big endian.</summary>
    public void WriteTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>Reads sixteen bytes, big endian.</summary>
    public static Ulid Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt128BigEndian(source));

    /// <summary>Reads the 26 characters; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Ulid ulid)
    {
        ulid = default;
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
        ulid = new Ulid(value);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Ulid other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(TextLength, Value, static (span, value) =>
    {
        for (var i = TextLength - 1; i >= 0; i--)
        {
            span[i] = Alphabet[(int)(value & 31)];
            value >>= 5;
        }
    });

    /// <summary>Time order.</summary>
    public static bool operator <(Ulid left, Ulid right) => left.Value < right.Value;

    /// <summary>Time order.</summary>
    public static bool operator >(Ulid left, Ulid right) => left.Value > right.Value;

    /// <summary>Time order.</summary>
    public static bool operator <=(Ulid left, Ulid right) => left.Value <= right.Value;

    /// <summary>Time order.</summary>
    public static bool operator >=(Ulid left, Ulid right) => left.Value >= right.Value;
}
