using System.Text.RegularExpressions;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>
/// What must have happened before an answer leaves (architecture section 4): fsync of the object, its link, fsync of its directory and
/// of the parent of each new one; for an instance then SQLite's log, written and synced.
/// </summary>
internal sealed partial class DurabilityOrder(IReadOnlyList<TracedCall> calls)
{
    private readonly IReadOnlyList<TracedCall> _calls = [.. calls.Where(call => call.Succeeded)];

    /// <summary>Calls that some check rested on.</summary>
    public HashSet<TracedCall> Needed { get; } = [];

    /// <summary>An instance that was answered with success.</summary>
    public void RequireStored(string sop)
    {
        var answer = Need(calls.FirstOrDefault(call => IsAnswer(call, "20[02]") && Names(call, sop)), $"answer for {sop}");
        var durable = RequireObject(call => Names(call, $"{sop}.dcm"), ".tar", answer);
        // The first that names it: a later commit may write the same page again, and owes this answer nothing.
        var log = Need(_calls.FirstOrDefault(call => IsLogWrite(call) && Names(call, sop) && call.Begin > durable.End && call.Begin < answer.Begin), "write of the commit to SQLite's log, after the pack was durable");
        RequireSynced(log, answer);
    }

    /// <summary>An instance that was answered as lost against another: it must not win after a reindex.</summary>
    public void RequireVoided(string sop)
    {
        var answer = Need(calls.LastOrDefault(call => IsAnswer(call, "202|409") && Names(call, sop)), $"answer for {sop}");
        RequireObject(call => IsDecision(call, sop, "void"), ".jsonl", answer);
    }

    /// <summary>The answers to deletes, in their order.</summary>
    public void RequireDeleted(IReadOnlyList<string> sops)
    {
        var answers = calls.Where(call => IsAnswer(call, "204")).ToList();
        Assert.Equal(sops.Count, answers.Count);
        foreach (var (sop, answer) in sops.Zip(answers))
        {
            RequireObject(call => IsDecision(call, sop, "delete"), ".jsonl", answer);
        }
    }

    // The last of: written, synced, linked, its directory synced, and the parents of new directories.
    private TracedCall RequireObject(Func<TracedCall, bool> holds, string ending, TracedCall answer)
    {
        var written = Need(_calls.FirstOrDefault(call => call.Name == "pwrite64" && !IsLogWrite(call) && call.Begin < answer.Begin && holds(call)), $"write to an object {ending}");
        var link = Need(_calls.FirstOrDefault(call => call.Name == "linkat" && call.Begin > written.End && call.End < answer.Begin
            && Names(call, $"\"/proc/self/fd/{written.Descriptor}\"") && Names(call, ending)), $"link of an object {ending}");
        var lastWrite = _calls.Last(call => call.Name == "pwrite64" && call.Descriptor == written.Descriptor && call.Path == written.Path && call.Begin < link.Begin);
        Need(_calls.FirstOrDefault(call => IsSync(call) && call.Descriptor == written.Descriptor && call.Path == written.Path
            && call.Begin > lastWrite.End && call.End < link.Begin), $"fsync of the object {ending} between its last write and its link");
        var directory = LinkTarget().Match(link.Arguments).Groups[1].Value;
        var synced = RequireDirectorySync(directory, link, answer);
        foreach (var made in _calls.Where(call => call.Name == "mkdirat" && call.End < link.Begin && IsAncestor(MadeBy(call), directory)))
        {
            RequireDirectorySync(made.Path, made, answer);
        }
        return synced;
    }

    private TracedCall RequireDirectorySync(string directory, TracedCall change, TracedCall answer) =>
        Need(_calls.FirstOrDefault(call => IsSync(call) && call.Path == directory && call.Begin > change.End && call.End < answer.Begin),
            $"fsync of {directory} between {change.Name} and the answer");

    private void RequireSynced(TracedCall log, TracedCall answer) =>
        Need(_calls.FirstOrDefault(call => IsSync(call) && call.Path == log.Path && call.Begin > log.End && call.End < answer.Begin), "sync of SQLite's log between the commit's write and the answer");

    private TracedCall Need(TracedCall? call, string what)
    {
        Assert.True(call is not null, $"The trace has no {what}.");
        Needed.Add(call);
        return call;
    }

    private static string MadeBy(TracedCall mkdir) => $"{mkdir.Path}/{MadeName().Match(mkdir.Arguments).Groups[1].Value}";

    private static bool IsAncestor(string made, string directory) => directory == made || directory.StartsWith(made + "/", StringComparison.Ordinal);

    private static bool IsAnswer(TracedCall call, string status) =>
        call.Name is "sendmsg" or "sendto" or "write" or "writev" && Regex.IsMatch(call.Arguments, $"HTTP/1\\.1 ({status}) ");

    // A line of a journal object, its quotes as strace prints them.
    private static bool IsDecision(TracedCall call, string sop, string kind) => Names(call, $"kind\\\":\\\"{kind}\\\"") && Names(call, sop);

    private static bool IsLogWrite(TracedCall call) => call.Name == "pwrite64" && call.Path.EndsWith("index.db-wal", StringComparison.Ordinal);

    private static bool IsSync(TracedCall call) => call.Name is "fsync" or "fdatasync";

    private static bool Names(TracedCall call, string text) => call.Arguments.Contains(text, StringComparison.Ordinal);

    [GeneratedRegex(@"\d+<([^>]*)>, ""[^""]*"", AT_SYMLINK_FOLLOW")]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@"^\d+<[^>]*>, ""([^""]*)""")]
    private static partial Regex MadeName();
}
