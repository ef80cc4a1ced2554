using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using VnaCloud.Dicom;
using VnaCloud.Imaging;

// CodecBench WORKER LOOP [SYNTAX]: frames through the pool beside the same library in a loop. One at a time, with one worker and one loop: what a
// frame waits for. And all cores, with a worker and a loop for each and two frames asked for of each worker: what a core gets done. Rounds
// alternate; medians of their ratios.
const int Rounds = 11;
var cores = Environment.ProcessorCount;
var only = args.ElementAtOrDefault(2) ?? "";
var folder = Directory.CreateTempSubdirectory("vna-codec-bench");
await using var pool = new CodecPool(new CodecOptions { Program = args[0], Workers = cores }, TimeProvider.System);
var (decoder, encoder, pictures) = (new FrameDecoder(pool), new FrameEncoder(pool), new PictureEncoder(pool));
Console.WriteLine($"| frame | codec | | library ms | pool ms | library / pool | library, {cores} cores: frames/s | pool | pool / library |\n|---|---|---|---|---|---|---|---|---|");
foreach (var (name, pixels) in new[] { ("CT 512 x 512, 16 bits", Gray(512, 512, 16)), ("DX 2048 x 2048, 12 bits", Gray(2048, 2048, 12)) })
{
    var native = Native(pixels);
    var raw = Path.Combine(folder.FullName, "raw");
    await File.WriteAllBytesAsync(raw, native);
    foreach (var (codec, syntax) in new[] { ("2", "1.2.840.10008.1.2.4.80"), ("3", "1.2.840.10008.1.2.4.90"), ("4", "1.2.840.10008.1.2.4.201") })
    {
        var target = TransferSyntax.Get(syntax);
        var stream = new ArrayBufferWriter<byte>();
        await encoder.EncodeAsync(target, pixels, native, stream, default);
        var file = Path.Combine(folder.FullName, "stream");
        await File.WriteAllBytesAsync(file, stream.WrittenMemory.ToArray());
        await CompareAsync(name, syntax, "decode", ["decode", codec, file], async () => (await decoder.DecodeAsync(target, pixels, stream.WrittenMemory, default)).Dispose());
        await CompareAsync(name, syntax, "encode", ["encode", codec, raw, $"{pixels.Columns}", $"{pixels.Rows}", "1", $"{pixels.BitsStored}", "0"],
            async () =>
            {
                using var encoded = new RentedWriter();
                await encoder.EncodeAsync(target, pixels, native, encoded, default);
            });
    }
}
foreach (var (name, pixels) in new[] { ("CT 512 x 512, 8 bits", Gray(512, 512, 8)), ("DX 2048 x 2048, 8 bits", Gray(2048, 2048, 8)) })
{
    var picture = new Picture(pixels.Columns, pixels.Rows, 1, Bytes(pixels));
    var (raw, file) = (Path.Combine(folder.FullName, "raw"), Path.Combine(folder.FullName, "stream"));
    await File.WriteAllBytesAsync(raw, picture.Samples.ToArray());
    var stream = new ArrayBufferWriter<byte>();
    await pictures.JpegAsync(picture, PictureEncoder.DefaultQuality, stream, default);
    var jpeg = stream.WrittenMemory;
    await File.WriteAllBytesAsync(file, jpeg.ToArray());
    const string baseline = "1.2.840.10008.1.2.4.50";
    await CompareAsync(name, baseline, "decode", ["decode", "1", file], async () => (await decoder.DecodeAsync(TransferSyntax.Get(baseline), pixels, jpeg, default)).Dispose());
    await CompareAsync(name, baseline, "encode", ["encode", "1", raw, $"{pixels.Columns}", $"{pixels.Rows}", "1", "8", "0"],
        async () =>
        {
            using var encoded = new RentedWriter();
            await pictures.JpegAsync(picture, PictureEncoder.DefaultQuality, encoded, default);
        });
}
folder.Delete(recursive: true);

async Task CompareAsync(string frame, string codec, string operation, string[] loop, Func<Task> through)
{
    if (!codec.EndsWith(only, StringComparison.Ordinal))
    {
        return;
    }
    await PoolAsync(4 * cores, 2 * cores);
    var once = Stopwatch.GetTimestamp();
    await through();
    var repeats = Math.Clamp((int)(0.4 / Stopwatch.GetElapsedTime(once).TotalSeconds), 3, 200);
    var (alone, all) = (new List<(double Library, double Pool)>(), new List<(double Library, double Pool)>());
    for (var round = 0; round < Rounds; round++)
    {
        alone.Add((await LoopAsync([.. loop[..3], $"{repeats}", .. loop[3..]]), await PoolAsync(repeats, 1) / repeats));
        var loops = await Task.WhenAll(Enumerable.Range(0, cores).Select(_ => LoopAsync([.. loop[..3], $"{repeats}", .. loop[3..]])));
        all.Add((loops.Sum(static milliseconds => 1000 / milliseconds), 1000 * cores * repeats / await PoolAsync(cores * repeats, 2 * cores)));
    }
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {frame} | {codec[17..]} | {operation} | {Median(alone.Select(round => round.Library)):0.00} | {Median(alone.Select(round => round.Pool)):0.00} | {Median(alone.Select(round => round.Library / round.Pool)):0.00} | {Median(all.Select(round => round.Library)):0} | {Median(all.Select(round => round.Pool)):0} | {Median(all.Select(round => round.Pool / round.Library)):0.00} |"));

    // Milliseconds of so many frames, some at once.
    async Task<double> PoolAsync(int frames, int atOnce)
    {
        var begun = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, frames, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (_, _) => await through());
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}

async Task<double> LoopAsync(string[] arguments)
{
    using var process = Process.Start(new ProcessStartInfo(args[1], arguments) { RedirectStandardOutput = true })!;
    var text = await process.StandardOutput.ReadToEndAsync();
    await process.WaitForExitAsync();
    return double.Parse(text, CultureInfo.InvariantCulture) / 1000;
}

static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

static ImagePixels Gray(int columns, int rows, int bits) => new() { Columns = columns, Rows = rows, BitsAllocated = bits > 8 ? 16 : 8, BitsStored = bits, HighBit = bits - 1, Photometric = "MONOCHROME2" };

// The same through a window.
static byte[] Bytes(ImagePixels pixels)
{
    var deep = Native(pixels with { BitsAllocated = 16, BitsStored = 12, HighBit = 11 });
    return [.. Enumerable.Range(0, deep.Length / 2).Select(i => (byte)Math.Min(255, (deep[2 * i] | deep[2 * i + 1] << 8) / 7))];
}

// A disc with structure and noise, as a scanner makes it.
static byte[] Native(ImagePixels pixels)
{
    var random = new Random(1);
    var native = new byte[pixels.FrameLength];
    for (var i = 0; i < native.Length / 2; i++)
    {
        var (x, y) = ((i % pixels.Columns - pixels.Columns / 2.0) / pixels.Columns * 512, (i / pixels.Columns - pixels.Rows / 2.0) / pixels.Rows * 512);
        var radius = Math.Sqrt(x * x + y * y);
        var noise = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var value = radius < 220 ? 1000 + 300 * Math.Sin(x / 37) * Math.Cos(y / 29) + (radius < 90 ? 400 : 0) + 12 * noise : 24 + 4 * noise;
        var sample = (ushort)Math.Clamp(value, 0, (1 << pixels.BitsStored) - 1);
        (native[2 * i], native[2 * i + 1]) = ((byte)sample, (byte)(sample >> 8));
    }
    return native;
}
