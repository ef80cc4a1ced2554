using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Profiles of one's own: Adobe RGB's with another curve, or with a tag more.</summary>
internal static class IccProfileFile
{
    private const int CountAt = 128, TagLength = 12;

    public static byte[] WithCurve(byte[] curve) => Build(tags => [.. tags.Select(tag => tag.Name.EndsWith("TRC", StringComparison.Ordinal) ? (tag.Name, curve) : tag)]);

    public static byte[] WithTag(string name, byte[] data) => Build(tags => [.. tags, (name, data)]);

    private static byte[] Build(Func<List<(string Name, byte[] Data)>, List<(string Name, byte[] Data)>> change)
    {
        var known = IccProfile.Of(ColourSpace.AdobeRgb);
        var tags = new List<(string Name, byte[] Data)>();
        for (var i = 0; i < BinaryPrimitives.ReadInt32BigEndian(known.AsSpan(CountAt)); i++)
        {
            var entry = known.AsSpan(CountAt + 4 + (TagLength * i), TagLength);
            var offset = BinaryPrimitives.ReadInt32BigEndian(entry[4..]);
            tags.Add((Encoding.ASCII.GetString(entry[..4]), known[offset..(offset + BinaryPrimitives.ReadInt32BigEndian(entry[8..]))]));
        }
        tags = change(tags);
        var profile = new List<byte>(known[..CountAt]);
        var number = new byte[4];
        void Number(int value)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, value);
            profile.AddRange(number);
        }
        Number(tags.Count);
        var start = CountAt + 4 + (TagLength * tags.Count);
        foreach (var (name, data) in tags)
        {
            profile.AddRange(Encoding.ASCII.GetBytes(name));
            Number(start);
            Number(data.Length);
            start += (data.Length + 3) / 4 * 4;
        }
        foreach (var (_, data) in tags)
        {
            profile.AddRange(data);
            profile.AddRange(new byte[((data.Length + 3) / 4 * 4) - data.Length]);
        }
        var file = profile.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(file, file.Length);
        return file;
    }
}
