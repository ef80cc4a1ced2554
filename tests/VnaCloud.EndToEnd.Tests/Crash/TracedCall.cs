using System.Globalization;
using System.Text.RegularExpressions;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>A system call of a trace.</summary>
/// <param name="Name">For example <c>fsync</c>.</param>
/// <param name="Arguments">As strace prints them, descriptors with their paths.</param>
/// <param name="Succeeded">Not negative.</param>
/// <param name="Begin">Place of its beginning in the trace.</param>
/// <param name="End">Place of its end.</param>
/// <param name="Result">As strace prints it, a descriptor with its path.</param>
internal sealed partial record TracedCall(string Name, string Arguments, bool Succeeded, int Begin, int End, string Result)
{
    /// <summary>The descriptor of the first argument, or -1.</summary>
    public int Descriptor => int.TryParse(Arguments.AsSpan(0, Math.Max(0, Arguments.IndexOf('<', StringComparison.Ordinal))), CultureInfo.InvariantCulture, out var number) ? number : -1;

    /// <summary>The path of the first descriptor.</summary>
    public string Path => PathPattern().Match(Arguments).Groups[1].Value;

    public static IReadOnlyList<TracedCall> Parse(IReadOnlyList<string> lines)
    {
        var calls = new List<TracedCall>();
        var open = new Dictionary<string, (string Name, string Arguments, int Begin)>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (Whole().Match(lines[i]) is { Success: true } whole)
            {
                calls.Add(new TracedCall(whole.Groups[2].Value, whole.Groups[3].Value, IsSuccess(whole.Groups[4].Value), i, i, whole.Groups[4].Value));
            }
            else if (Unfinished().Match(lines[i]) is { Success: true } begun)
            {
                open[begun.Groups[1].Value] = (begun.Groups[2].Value, begun.Groups[3].Value, i);
            }
            else if (Resumed().Match(lines[i]) is { Success: true } resumed && open.Remove(resumed.Groups[1].Value, out var first))
            {
                calls.Add(new TracedCall(first.Name, first.Arguments + resumed.Groups[2].Value, IsSuccess(resumed.Groups[3].Value), first.Begin, i, resumed.Groups[3].Value));
            }
        }
        return [.. calls.OrderBy(call => call.Begin)];
    }

    private static bool IsSuccess(string result) => !result.StartsWith('-') && !result.StartsWith('?');

    [GeneratedRegex(@"^(\d+) +(\w+)\((.*)\) += (.*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^(\d+) +<\.\.\. \w+ resumed>(.*)\) += (.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^\d+<([^>]*)>")]
    private static partial Regex PathPattern();
}
