using System.Buffers.Binary;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Reads what GIF89a says, by a decoder that shares nothing with the writer.</summary>
internal sealed class GifReader
{
    private readonly byte[] _file;
    private int _at;

    private GifReader(byte[] file) => _file = file;

    public List<(byte[] Rgb, int Delay)> Frames { get; } = [];

    public bool Repeats { get; private set; }

    public static GifReader Read(byte[] file)
    {
        var reader = new GifReader(file);
        reader.Run();
        return reader;
    }

    private void Run()
    {
        Assert.Equal("GIF89a"u8.ToArray(), _file[..6]);
        var pixels = Word(6) * Word(8);
        Assert.Equal(0xF7, _file[10]);
        var global = _file[13..(13 + 768)];
        _at = 13 + 768;
        var delay = -1;
        while (_file[_at] != 0x3B)
        {
            switch (_file[_at++])
            {
                case 0x21:
                    var label = _file[_at++];
                    var block = Blocks();
                    delay = label == 0xF9 ? BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(1)) : delay;
                    Repeats |= label == 0xFF && block.AsSpan(0, 11).SequenceEqual("NETSCAPE2.0"u8);
                    break;
                case 0x2C:
                    Assert.Equal((0, 0, Word(6), Word(8)), (Word(_at), Word(_at + 2), Word(_at + 4), Word(_at + 6)));
                    var hasTable = _file[_at + 8] == 0x87;
                    var table = hasTable ? _file[(_at + 9)..(_at + 9 + 768)] : global;
                    _at += 9 + (hasTable ? 768 : 0);
                    Assert.Equal(8, _file[_at++]);
                    var indexes = Decode(Blocks());
                    Assert.Equal(pixels, indexes.Count);
                    Frames.Add(([.. indexes.SelectMany(index => table[(3 * index)..((3 * index) + 3)])], delay));
                    break;
                default:
                    throw new InvalidDataException($"block {_file[_at - 1]:X2} at {_at - 1}");
            }
        }
        Assert.Equal(_file.Length - 1, _at);
    }

    private int Word(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));

    private byte[] Blocks()
    {
        var bytes = new List<byte>();
        for (int length = _file[_at++]; length > 0; length = _file[_at++])
        {
            bytes.AddRange(_file.AsSpan(_at, length));
            _at += length;
        }
        return [.. bytes];
    }

    private static List<byte> Decode(byte[] data)
    {
        var output = new List<byte>();
        var strings = new List<byte[]>();
        var (bit, bits) = (0, 9);
        byte[]? previous = null;
        while (true)
        {
            var code = 0;
            for (var i = 0; i < bits; i++, bit++)
            {
                code |= ((data[bit / 8] >> (bit % 8)) & 1) << i;
            }
            if (code == 257)
            {
                Assert.Equal(data.Length, (bit + 7) / 8);
                return output;
            }
            if (code == 256)
            {
                strings = [.. Enumerable.Range(0, 258).Select(i => new[] { (byte)i })];
                (bits, previous) = (9, null);
                continue;
            }
            var text = code < strings.Count ? strings[code] : [.. previous!, previous![0]];
            if (previous is not null && strings.Count < 4096)
            {
                Assert.True(code <= strings.Count);
                strings.Add([.. previous, text[0]]);
                bits = strings.Count == 1 << bits && bits < 12 ? bits + 1 : bits;
            }
            output.AddRange(text);
            previous = text;
        }
    }
}
