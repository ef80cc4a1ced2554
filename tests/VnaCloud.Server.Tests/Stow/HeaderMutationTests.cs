using VnaCloud.Server.Stow.Metadata;
using VnaCloud.Server.Stow.Wrapping;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>Headers with bytes changed, left out and repeated: read, or refused with a reason, and never anything else.</summary>
public sealed class HeaderMutationTests : IDisposable
{
    private const int Cases = 3000;
    private readonly string _folder = Directory.CreateTempSubdirectory("vnacloud-headers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("image/jp2")]
    [InlineData("video/mp4")]
    [InlineData("video/mpeg")]
    [InlineData("image/png")]
    public void Header_Mutated_IsReadOrRefused(string type)
    {
        var random = new Random(4711);
        var (read, refused) = (0, 0);
        for (var i = 0; i < Cases; i++)
        {
            var seeds = Seeds(type);
            var bytes = Mutated(seeds[i % seeds.Length], random);
            using var spool = new Spool(_folder, long.MaxValue);
            spool.Append(bytes);
            var part = new SpoolRange(0, bytes.Length);
            try
            {
                var header = type == "image/png" ? PngDecoder.Decode(spool, part).Header : ImageHeaderReader.TryRead(type, new SpoolReader(spool, part)).Header;
                _ = Codestream.Of(new SpoolReader(spool, part), type);
                (read, refused) = header is not null ? (read + 1, refused) : (read, refused + 1);
                Assert.True(header is null or { Rows: > 0, Columns: > 0, Samples: 1 or 3, Bits: >= 1 and <= 16 }, $"{i}: {header}");
            }
            catch (BulkFaultException)
            {
                refused++;
            }
        }
        Assert.True(read > Cases / 20 && refused > Cases / 20, $"{read} read, {refused} refused");
    }

    private static byte[][] Seeds(string type)
    {
        var png = new PngFile(7, 5, 8, 2);
        return type switch
        {
            "image/jpeg" => [.. WrappingTests.Jpegs().Select(row => row.Data).Where(row => row.Item1 is "image/jpeg" or "image/jls").Select(row => row.Item2)],
            "image/jp2" => [.. WrappingTests.Jpegs().Select(row => row.Data).Where(row => row.Item1 is "image/jp2" or "image/jphc").Select(row => row.Item2)],
            "video/mp4" => [.. WrappingTests.Videos().Select(row => row.Data.Item1)],
            "video/mpeg" => [[0, 0, 1, 0xB3, 0x2D, 0x02, 0x40, 0x13, 0xFF, 0xFF, 0xE1, 0x18]],
            _ => [png.ToArray(Files.Pattern(png.RowBytes * 5, 1)), (png with { Interlace = 1 }).ToArray(Files.Pattern(png.RowBytes * 5, 1)), (png with { Colour = 3, Depth = 4, Palette = new byte[48] }).ToArray(new byte[20])],
        };
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var changes = random.Next(3); changes >= 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes.RemoveRange(at, Math.Min(random.Next(16), bytes.Count - at - 1));
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(16), bytes.Count - at)));
                    break;
                case 2:
                    bytes[at] = (byte)(random.Next(2) == 0 ? 0 : 0xFF);
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. bytes];
    }
}
