using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>
/// What the red, green and blue codes of a picture are: linear light of three primaries, and those in the connection space (XYZ relative to
/// D50). Read from profiles of a matrix and three curves (ICC.1 9.4.4); those of tables are not.
/// </summary>
/// <param name="Matrix">Row by row.</param>
/// <param name="Curves">Light, 0 to 1, of each code of red, green and blue.</param>
internal sealed record IccSource(double[] Matrix, double[][] Curves)
{
    private const int HeaderLength = 128, TagLength = 12, MaxTags = 100;

    /// <summary>One of the spaces that are known by name.</summary>
    public static IccSource Of(ColourSpace space)
    {
        var curve = Table(value => ColourSpaces.ToLinear(space, value));
        return new IccSource(ColourSpaces.Matrix(space), [curve, curve, curve]);
    }

    /// <summary>A profile's, or null where it is damaged, or made of tables: then those count, whatever else it has (ICC.1 9.2).</summary>
    public static IccSource? Read(ReadOnlySpan<byte> profile)
    {
        if (profile.Length < HeaderLength + 4 || !profile[16..24].SequenceEqual("RGB XYZ "u8) || !Find(profile, "A2B0"u8).IsEmpty)
        {
            return null;
        }
        if (Xyz(Find(profile, "rXYZ"u8)) is not { } red || Xyz(Find(profile, "gXYZ"u8)) is not { } green || Xyz(Find(profile, "bXYZ"u8)) is not { } blue)
        {
            return null;
        }
        return Curve(Find(profile, "rTRC"u8)) is { } r && Curve(Find(profile, "gTRC"u8)) is { } g && Curve(Find(profile, "bTRC"u8)) is { } b
            ? new IccSource([red[0], green[0], blue[0], red[1], green[1], blue[1], red[2], green[2], blue[2]], [r, g, b]) : null;
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> signature)
    {
        var count = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(profile[HeaderLength..]), MaxTags);
        for (var i = 0; i < count && HeaderLength + 4 + (TagLength * (i + 1)) <= profile.Length; i++)
        {
            var entry = profile.Slice(HeaderLength + 4 + (TagLength * i), TagLength);
            var (offset, length) = (BinaryPrimitives.ReadUInt32BigEndian(entry[4..]), BinaryPrimitives.ReadUInt32BigEndian(entry[8..]));
            if (entry.StartsWith(signature))
            {
                return offset + (long)length <= profile.Length ? profile.Slice((int)offset, (int)length) : default;
            }
        }
        return default;
    }

    private static double[]? Xyz(ReadOnlySpan<byte> tag) =>
        tag.Length >= 20 && tag.StartsWith("XYZ "u8) ? [Fixed(tag[8..]), Fixed(tag[12..]), Fixed(tag[16..])] : null;

    private static double[]? Curve(ReadOnlySpan<byte> tag) =>
        tag.Length >= 12 && tag.StartsWith("curv"u8) ? Sampled(tag) : tag.Length >= 16 && tag.StartsWith("para"u8) ? Parametric(tag) : null;

    // curveType (ICC.1 10.6): no entries are identity, one is an exponent, more are a table.
    private static double[]? Sampled(ReadOnlySpan<byte> tag)
    {
        var count = BinaryPrimitives.ReadUInt32BigEndian(tag[8..]);
        if (tag.Length < 12 + (2L * count))
        {
            return null;
        }
        if (count < 2)
        {
            var gamma = count == 0 ? 1 : BinaryPrimitives.ReadUInt16BigEndian(tag[12..]) / 256.0;
            return Table(value => Math.Pow(value, gamma));
        }
        var entries = new double[count];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = BinaryPrimitives.ReadUInt16BigEndian(tag[(12 + (2 * i))..]) / 65_535.0;
        }
        return Table(value =>
        {
            var place = value * (entries.Length - 1);
            var below = Math.Min((int)place, entries.Length - 2);
            return entries[below] + ((place - below) * (entries[below + 1] - entries[below]));
        });
    }

    // parametricCurveType (ICC.1 10.18), functions 0 to 4 of one, three, four, five and seven parameters.
    private static double[]? Parametric(ReadOnlySpan<byte> tag)
    {
        var function = BinaryPrimitives.ReadUInt16BigEndian(tag[8..]);
        ReadOnlySpan<int> counts = [1, 3, 4, 5, 7];
        if (function >= counts.Length || tag.Length < 12 + (4 * counts[function]))
        {
            return null;
        }
        var p = new double[7];
        for (var i = 0; i < counts[function]; i++)
        {
            p[i] = Fixed(tag[(12 + (4 * i))..]);
        }
        var (g, a, b, c, d, e, f) = function switch
        {
            0 => (p[0], 1, 0, 0, double.NegativeInfinity, 0, 0),
            1 => (p[0], p[1], p[2], 0, -p[2] / p[1], 0, 0),
            2 => (p[0], p[1], p[2], 0, -p[2] / p[1], p[3], p[3]),
            3 => (p[0], p[1], p[2], p[3], p[4], 0, 0),
            _ => (p[0], p[1], p[2], p[3], p[4], p[5], p[6]),
        };
        return Table(value => value >= d ? Math.Pow((a * value) + b, g) + e : (c * value) + f);
    }

    private static double[] Table(Func<double, double> curve) =>
        [.. Enumerable.Range(0, 256).Select(code => curve(code / 255.0)).Select(static light => double.IsFinite(light) ? Math.Clamp(light, 0, 1) : 0)];

    private static double Fixed(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt32BigEndian(value) / 65_536.0;
}
