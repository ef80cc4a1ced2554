using System.Buffers;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Contact sheets in the folder that VNA_GALLERY names: for each image ours, and the witness's to the right of it.</summary>
internal sealed class Gallery
{
    private const int Tile = 150;
    private const int PairsAcross = 4;
    private const int PairsDown = 5;
    private const int PairWidth = (2 * Tile) + 8;
    private const int PairHeight = Tile + 8;
    private readonly string? _folder = Environment.GetEnvironmentVariable("VNA_GALLERY");
    private readonly List<string> _names = [];
    private byte[] _sheet = NewSheet();

    public async Task AddAsync(string name, Picture ours, Picture? theirs)
    {
        if (_folder is null)
        {
            return;
        }
        var place = _names.Count % (PairsAcross * PairsDown);
        _names.Add(name);
        var (x, y) = (place % PairsAcross * PairWidth, place / PairsAcross * PairHeight);
        Paint(ours, x, y);
        if (theirs is not null)
        {
            Paint(theirs, x + Tile + 2, y);
        }
        if (place == (PairsAcross * PairsDown) - 1)
        {
            await CompleteAsync();
        }
    }

    public async Task CompleteAsync()
    {
        if (_folder is null || _names.Count == 0)
        {
            return;
        }
        Directory.CreateDirectory(_folder);
        var number = (_names.Count - 1) / (PairsAcross * PairsDown);
        await WriteAsync(Path.Combine(_folder, $"sheet-{number:D2}.png"), new Picture(PairsAcross * PairWidth, PairsDown * PairHeight, 3, _sheet));
        await File.WriteAllLinesAsync(Path.Combine(_folder, "index.txt"),
            _names.Select((name, i) => $"sheet {i / (PairsAcross * PairsDown):D2} row {i % (PairsAcross * PairsDown) / PairsAcross} pair {i % PairsAcross}: {name}"));
        _sheet = NewSheet();
    }

    public static async Task WriteAsync(string path, Picture picture)
    {
        var output = new ArrayBufferWriter<byte>();
        PngWriter.Write(picture, output);
        await File.WriteAllBytesAsync(path, output.WrittenMemory);
    }

    // Behind the pictures lies a blue that no image of the corpus has.
    private static byte[] NewSheet()
    {
        var sheet = new byte[PairsAcross * PairWidth * PairsDown * PairHeight * 3];
        for (var i = 2; i < sheet.Length; i += 3)
        {
            sheet[i] = 0x80;
        }
        return sheet;
    }

    private void Paint(Picture picture, int left, int top)
    {
        var scale = Math.Min((double)Tile / picture.Width, (double)Tile / picture.Height);
        var (width, height) = (Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)));
        var small = Resampler.Resample(picture, new PictureSize(new PictureSize.Box(0, 0, picture.Width, picture.Height, false, false), width, height));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width * 3; x++)
            {
                _sheet[((((top + y) * PairsAcross * PairWidth) + left) * 3) + x] = small.Row(y)[small.Channels == 3 ? x : x / 3];
            }
        }
    }
}
