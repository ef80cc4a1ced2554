using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.Imaging;

/// <summary>Display profiles of three primaries and one curve (ICC.1:2022, version 4.4), as small as they can be.</summary>
public static class IccProfile
{
    private const int HeaderLength = 128, TagLength = 12;

    /// <summary>The profile of a colour space.</summary>
    public static byte[] Of(ColourSpace space)
    {
        var matrix = ColourSpaces.Matrix(space);
        var curve = Curve(space);
        (string Name, byte[] Data)[] tags =
        [
            ("desc", Text(ColourSpaces.NameOf(space))), ("cprt", Text("No copyright")), ("wtpt", Xyz(0.9642, 1, 0.8249)),
            ("rXYZ", Xyz(matrix[0], matrix[3], matrix[6])), ("gXYZ", Xyz(matrix[1], matrix[4], matrix[7])), ("bXYZ", Xyz(matrix[2], matrix[5], matrix[8])),
            ("rTRC", curve), ("gTRC", curve), ("bTRC", curve),
        ];
        var start = HeaderLength + 4 + TagLength * tags.Length;
        var profile = new byte[start + tags.DistinctBy(static tag => tag.Data).Sum(static tag => tag.Data.Length)];
        WriteHeader(profile);
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(HeaderLength), tags.Length);
        var places = new Dictionary<byte[], int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < tags.Length; i++)
        {
            var (name, data) = tags[i];
            if (places.TryAdd(data, start))
            {
                data.CopyTo(profile, start);
                start += data.Length;
            }
            var entry = profile.AsSpan(HeaderLength + 4 + TagLength * i);
            Encoding.ASCII.GetBytes(name, entry);
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], places[data]);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], data.Length);
        }
        return profile;
    }

    private static void WriteHeader(byte[] profile)
    {
        BinaryPrimitives.WriteInt32BigEndian(profile, profile.Length);
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(8), 0x0440_0000);
        Encoding.ASCII.GetBytes("mntrRGB XYZ ", profile.AsSpan(12));
        BinaryPrimitives.WriteInt16BigEndian(profile.AsSpan(24), 2026);
        BinaryPrimitives.WriteInt16BigEndian(profile.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16BigEndian(profile.AsSpan(28), 1);
        Encoding.ASCII.GetBytes("acsp", profile.AsSpan(36));
        Xyz(0.9642, 1, 0.8249).AsSpan(8).CopyTo(profile.AsSpan(68));
    }

    private static byte[] Text(string text)
    {
        var data = new byte[(28 + 2 * text.Length + 3) / 4 * 4];
        Encoding.ASCII.GetBytes("mluc", data);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(12), 12);
        Encoding.ASCII.GetBytes("enUS", data.AsSpan(16));
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(20), 2 * text.Length);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(24), 28);
        Encoding.BigEndianUnicode.GetBytes(text, data.AsSpan(28));
        return data;
    }

    private static byte[] Xyz(double x, double y, double z) => Fixed("XYZ ", 8, [x, y, z]);

    private static byte[] Curve(ColourSpace space)
    {
        var (g, a, b, c, d) = ColourSpaces.Curve(space);
        var data = Fixed("para", 12, [g, a, b, c, d]);
        BinaryPrimitives.WriteInt16BigEndian(data.AsSpan(8), 3);
        return data;
    }

    // s15Fixed16Number
    private static byte[] Fixed(string type, int start, double[] values)
    {
        var data = new byte[start + 4 * values.Length];
        Encoding.ASCII.GetBytes(type, data);
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(start + 4 * i), (int)Math.Round(values[i] * 65_536));
        }
        return data;
    }
}
