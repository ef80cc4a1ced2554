using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests;

/// <summary>Tests that measure time run when nothing else does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>Cuts and changes frames, the same for the same case, and sees that a decoder only ever refuses.</summary>
internal static class FrameMutations
{
    private const int Seed = 2026;
    private static readonly byte[] Notable = [0, 1, 0x7F, 0x80, 0xC4, 0xD0, 0xD9, 0xDA, 0xFE, 0xFF];

    public static int Cases { get; } = TestLength.IsFast ? 2_000 : 20_000;

    /// <summary>Runs all cases.</summary>
    /// <returns>What happened, of which a test prints the first and asserts the second to be empty.</returns>
    public static (string Summary, string Wrong) Run<T>(IReadOnlyList<(byte[] Frame, T What)> frames, Action<byte[], T> decode)
    {
        var (refused, longest, swollen) = (0, TimeSpan.Zero, 0L);
        for (var number = 0; number < Cases; number++)
        {
            var (frame, what) = frames[number % frames.Count];
            var broken = Broken(frame, new Random(Seed + number));
            var (start, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                decode(broken, what);
            }
            catch (ImageException)
            {
                refused++;
            }
            catch (Exception bug)
            {
                return ("", $"case {number} of frame {number % frames.Count}: {bug}");
            }
            var took = Stopwatch.GetElapsedTime(start);
            longest = took > longest ? took : longest;
            swollen = Math.Max(swollen, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        var summary = $"{Cases} cases of {frames.Count} frames, {refused} refused, longest {longest.TotalMilliseconds:F0} ms, most allocated {swollen / 1024} KiB";
        return (summary, longest < TimeSpan.FromSeconds(1) && swollen < 32 << 20 ? "" : summary);
    }

    // Half of the changes fall on the first bytes, where sizes and tables are.
    private static byte[] Broken(byte[] frame, Random random)
    {
        var bytes = frame.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(2) == 0 ? random.Next(Math.Min(bytes.Count, 400)) : random.Next(bytes.Count);
            switch (random.Next(12))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 4:
                    bytes[at] = Notable[random.Next(Notable.Length)];
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. bytes];
    }
}
