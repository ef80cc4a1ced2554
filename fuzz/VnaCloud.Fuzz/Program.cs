using System.Globalization;
using VnaCloud.Fuzz;

// vna-fuzz [--seed N] [--case M] [--count N] [--target part10|json|deflate] [--corpus DIR] [--save DIR]
string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
long Number(string name, long otherwise) => Option(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

var seed = (int)Number("--seed", Environment.TickCount);
var files = Seeds.Part10(Option("--corpus") ?? Environment.GetEnvironmentVariable("VNA_CORPUS"));
var campaign = new Campaign(seed, files, await Seeds.JsonAsync(files));
var (first, count) = Option("--case") is null ? (0L, Number("--count", 100_000)) : (Number("--case", 0), 1);
Console.WriteLine($"--seed {seed}, {files.Count} seed files, cases {first} to {first + count - 1}");
var findings = 0;
for (var number = first; number < first + count; number++)
{
    if (await campaign.RunAsync(number, Option("--target")) is not { } finding)
    {
        continue;
    }
    findings++;
    Console.WriteLine($"--seed {seed} --case {finding.Case} {finding.Target}: {finding.Problem}");
    if (Option("--save") is { } folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{seed}-{number}.bin"), campaign.Bytes(number, out _, Option("--target")));
    }
}
Console.WriteLine($"{findings} findings; longest case {campaign.Longest.TotalMilliseconds:F0} ms, most allocated {campaign.MostAllocated / 1024} KiB");
return findings == 0 ? 0 : 1;
