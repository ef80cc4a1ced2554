using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using VnaCloud.EndToEnd.Tests.Crash;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>Reads an strace of a server from its first call on ("-y -xx", whole strings) as what happened to the files below a folder.</summary>
internal sealed partial class DiskHistory
{
    /// <summary>Every call that can change a file; one that is not understood below fails the test rather than going unseen.</summary>
    public const string Traced = "trace=openat,openat2,open,creat,pwrite64,pwritev,pwritev2,write,writev,ftruncate,fallocate,linkat,link,unlinkat,unlink,"
        + "rename,renameat,renameat2,mkdirat,mkdir,rmdir,symlink,fsync,fdatasync,copy_file_range,sendfile,sendto,sendmsg";

    private readonly string _root;
    private readonly List<DiskStep> _steps = [];
    private readonly Dictionary<int, int> _fileOf = [];
    private readonly Dictionary<string, int> _names = [];
    private int _files;

    private DiskHistory(string root) => _root = root;

    public static IReadOnlyList<DiskStep> Read(IReadOnlyList<TracedCall> calls, string root)
    {
        var history = new DiskHistory(root);
        // A descriptor is known from the end of its opening; everything else may have an effect as soon as it begins.
        foreach (var call in calls.Where(call => call.Succeeded).OrderBy(call => call.Name.StartsWith("openat", StringComparison.Ordinal) ? call.End : call.Begin))
        {
            history.Add(call);
        }
        return [.. history._steps.OrderBy(step => step.Begin)];
    }

    private void Add(TracedCall call)
    {
        switch (call.Name)
        {
            case "openat" or "openat2":
                Open(call, AtPath().Match(call.Arguments));
                break;
            case "sendto":
                Answer(call);
                break;
            case "mkdirat":
                Entry(call, DiskAction.MakeDirectory, At(call, AtPath()));
                break;
            case "mkdir":
                Entry(call, DiskAction.MakeDirectory, Plain(call, 0));
                break;
            case "linkat":
                Link(call, LinkCall().Match(call.Arguments));
                break;
            case "unlinkat":
                Unlink(call, At(call, AtPath()));
                break;
            case "unlink":
                Unlink(call, Plain(call, 0));
                break;
            case "rename":
                Rename(call, Plain(call, 0), Plain(call, 1));
                break;
            case "pwrite64" or "ftruncate" or "fsync" or "fdatasync":
                Change(call, Decode(call.Path));
                break;
            default:
                Assert.False(Below(Decode(call.Path)) || NamesRoot(call), $"The replay does not know {call.Name} of the data folder.");
                break;
        }
    }

    private void Open(TracedCall call, Match match)
    {
        var path = Combine(match);
        var descriptor = int.Parse(call.Result.AsSpan(0, call.Result.IndexOf('<', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
        var flags = match.Groups[3].Value;
        _fileOf.Remove(descriptor);
        if (!Below(path))
        {
            return;
        }
        if (flags.Contains("O_TMPFILE", StringComparison.Ordinal))
        {
            _fileOf[descriptor] = _files++;
        }
        else if (_names.TryGetValue(path, out var known))
        {
            Assert.DoesNotContain("O_TRUNC", flags, StringComparison.Ordinal);
            _fileOf[descriptor] = known;
        }
        else if (flags.Contains("O_CREAT", StringComparison.Ordinal))
        {
            _fileOf[descriptor] = _names[path] = _files++;
            _steps.Add(new DiskStep(DiskAction.Name, call.Begin, call.End) { Path = path, File = _names[path] });
        }
    }

    private void Change(TracedCall call, string path)
    {
        if (!Below(path))
        {
            return;
        }
        if (!_fileOf.TryGetValue(call.Descriptor, out var file))
        {
            Assert.EndsWith("sync", call.Name, StringComparison.Ordinal);
            _steps.Add(new DiskStep(call.Name == "fsync" ? DiskAction.SyncDirectory : throw new NotSupportedException(call.Name), call.Begin, call.End) { Path = path });
            return;
        }
        var step = new DiskStep(DiskAction.SyncFile, call.Begin, call.End) { File = file, Path = path };
        _steps.Add(call.Name switch
        {
            "pwrite64" => Written(call, step),
            "ftruncate" => step with { Action = DiskAction.Truncate, Offset = Number(call.Arguments) },
            _ => step,
        });
    }

    private static DiskStep Written(TracedCall call, DiskStep step)
    {
        var (first, last) = (call.Arguments.IndexOf('"', StringComparison.Ordinal), call.Arguments.LastIndexOf('"'));
        var data = Bytes(call.Arguments.AsSpan(first + 1, last - first - 1));
        Assert.True(data.Length == Number(call.Result), $"Of {Number(call.Result)} bytes written the trace has {data.Length}.");
        return step with { Action = DiskAction.Write, Offset = Number(call.Arguments), Data = data };
    }

    private void Link(TracedCall call, Match match)
    {
        var from = Combine(match);
        var path = Path.Combine(Decode(match.Groups[3].Value), Decode(match.Groups[4].Value));
        // A file without a name is linked by its descriptor.
        _names[path] = from.StartsWith("/proc/self/fd/", StringComparison.Ordinal)
            ? _fileOf[int.Parse(from.AsSpan(from.LastIndexOf('/') + 1), CultureInfo.InvariantCulture)]
            : _names[from];
        _steps.Add(new DiskStep(DiskAction.Name, call.Begin, call.End) { Path = path, File = _names[path] });
    }

    private void Unlink(TracedCall call, string path)
    {
        if (_names.Remove(path))
        {
            _steps.Add(new DiskStep(DiskAction.Unlink, call.Begin, call.End) { Path = path });
        }
    }

    private void Rename(TracedCall call, string from, string to)
    {
        if (Below(to) && _names.Remove(from, out var file))
        {
            _names[to] = file;
            _steps.Add(new DiskStep(DiskAction.Rename, call.Begin, call.End) { Path = to, From = from, File = file });
        }
    }

    private void Entry(TracedCall call, DiskAction action, string path)
    {
        if (Below(path))
        {
            _steps.Add(new DiskStep(action, call.Begin, call.End) { Path = path });
        }
    }

    private void Answer(TracedCall call)
    {
        var (first, last) = (call.Arguments.IndexOf('"', StringComparison.Ordinal), call.Arguments.LastIndexOf('"'));
        if (last > first)
        {
            _steps.Add(new DiskStep(DiskAction.Answer, call.Begin, call.End) { Data = Bytes(call.Arguments.AsSpan(first + 1, last - first - 1)) });
        }
    }

    // Not the calls with contents: a log line may name the folder.
    private bool NamesRoot(TracedCall call) =>
        !call.Name.Contains("write", StringComparison.Ordinal) && !call.Name.StartsWith("send", StringComparison.Ordinal)
        && Decode(call.Arguments).Contains(_root, StringComparison.Ordinal);

    private bool Below(string path) => path.StartsWith(_root, StringComparison.Ordinal) && path.Length > _root.Length && path[_root.Length] == '/' || path == _root;

    private static string At(TracedCall call, Regex pattern) => Combine(pattern.Match(call.Arguments));

    private static string Combine(Match at) => Path.GetFullPath(Path.Combine(Decode(at.Groups[1].Value), Decode(at.Groups[2].Value))).TrimEnd('/');

    private static string Plain(TracedCall call, int index) => Decode(Strings().Matches(call.Arguments)[index].Groups[1].Value);

    private static string Decode(string text) => Encoding.UTF8.GetString(Bytes(text));

    // "\x2f\x74": every byte takes four characters; what strace prints otherwise stands for itself.
    private static byte[] Bytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x')
            {
                bytes[count++] = byte.Parse(text.Slice(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                i += 3;
            }
            else
            {
                bytes[count++] = (byte)text[i];
            }
        }
        return bytes[..count];
    }

    // The last number: a place, a length, or a result.
    private static long Number(string text) => long.Parse(text.AsSpan(text.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?:AT_FDCWD|\d+)<([^>]*)>, ""([^""]*)""(?:, ([A-Z_|]+))?")]
    private static partial Regex AtPath();

    [GeneratedRegex(@"^(?:AT_FDCWD|\d+)<([^>]*)>, ""([^""]*)"", \d+<([^>]*)>, ""([^""]*)"", ")]
    private static partial Regex LinkCall();

    [GeneratedRegex(@"""([^""]*)""")]
    private static partial Regex Strings();
}
