using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Cli.Migration;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Migration;

/// <summary>`vna migrate` between servers that do as they should not; against a real archive it is run end to end.</summary>
public sealed class MigrateTests
{
    private static readonly ListedSeries Series = new("1.2.3", "1.2.3.1", 2);

    [Theory]
    [InlineData("dicom://A@host", "http://127.0.0.1:1/dicom-web", "dicom://AETITLE@host:port")]
    [InlineData("dicom://SEVENTEENLETTERSX@host:104", "http://127.0.0.1:1/dicom-web", "16 characters")]
    [InlineData("dicom://A@host:99999", "http://127.0.0.1:1/dicom-web", "65535")]
    [InlineData("nowhere", "http://127.0.0.1:1/dicom-web", "FROM is an absolute")]
    [InlineData("http://127.0.0.1:1", "ftp://a", "TO is an absolute")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1/dicom-web", "--date is a day", "--date", "2024")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1/dicom-web", "--study is a Study", "--study", "../x")]
    [InlineData("dicom://A@host:104", "http://127.0.0.1:1/dicom-web", "--listen is an address", "--listen", "everywhere")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1/dicom-web", "does not answer|The source:")]
    public async Task Arguments_ThatCannotBe_AreRefusedWithASentence(string from, string to, string why, params string[] more)
    {
        using var folder = new TestFolder();

        var (code, _, errors) = await Vna.RunAsync(["migrate", from, to, "--state", folder.In("state"), .. more]);

        Assert.Equal(1, code);
        Assert.Contains(why.Split('|'), part => errors.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Target_ThatGivesBackOtherBytes_IsAFailureThatNamesTheInstance_AndIsTriedAgain()
    {
        using var folder = new TestFolder();
        await using var source = new Peer();
        await using var target = new Peer();
        source.Give = _ => [File(1), File(2)];
        target.Give = turn => turn == 1 ? [File(1), File(2, seed: 9)] : [File(1), File(2)];
        string[] arguments = ["migrate", $"{source.Url}", $"{target.Url}", "--state", folder.In("state")];

        var (code, output, errors) = await Vna.RunAsync(arguments);

        Assert.Equal(1, code);
        Assert.Contains("1.2.3.1.2 The archive gives back other bytes", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("compared byte for byte", output, StringComparison.Ordinal);
        Assert.Contains("1.2.3\t1.2.3.1\t1.2.3.1.2\tThe archive gives back other bytes", await System.IO.File.ReadAllTextAsync(folder.In("state", "failed.tsv")), StringComparison.Ordinal);

        var again = await Vna.OkAsync(arguments);
        Assert.Contains("moved and compared  2 instances", again, StringComparison.Ordinal);
        Assert.Empty(await System.IO.File.ReadAllTextAsync(folder.In("state", "failed.tsv")));
    }

    [Fact]
    public async Task Source_ThatGivesLessThanItLists_IsAskedOnceMore_AndThenNamed()
    {
        using var folder = new TestFolder();
        await using var source = new Peer();
        await using var target = new Peer();
        source.Give = _ => [File(1)];
        target.Give = _ => [File(1)];

        var (code, output, errors) = await Vna.RunAsync("migrate", $"{source.Url}", $"{target.Url}", "--state", folder.In("state"));

        Assert.Equal(1, code);
        Assert.Contains("1.2.3.1.2 The source lists it and does not give it", errors, StringComparison.Ordinal);
        Assert.Contains("moved and compared  1 instances", output, StringComparison.Ordinal);
        Assert.Contains("/studies/1.2.3/series/1.2.3.1/instances/1.2.3.1.2", source.Asked, StringComparer.Ordinal);
    }

    [Fact]
    public void Log_CutOffInItsLastLine_ForgetsThatOneAlone()
    {
        using var folder = new TestFolder();
        using (var log = MigrationLog.Open(folder.In("state"), "a", "b"))
        {
            log.Add(Series, 2);
        }
        System.IO.File.AppendAllText(folder.In("state", "done.tsv"), "1.2.9\t1.2.9.1\t1");
        using (var log = MigrationLog.Open(folder.In("state"), "a", "b"))
        {
            Assert.Equal(2, log.Done(Series));
            Assert.Null(log.Done(new("1.2.9", "1.2.9.1", null)));
            log.Add(new("1.2.8", "1.2.8.1", null), 7);
        }
        using var last = MigrationLog.Open(folder.In("state"), "a", "b");
        Assert.Equal(9, last.Instances);
        Assert.Equal(7, last.Done(new("1.2.8", "1.2.8.1", 7)));
    }

    [Fact]
    public void Log_KnowsASeriesThatGrew_AndOfWhomItIs_AndWhoUsesIt()
    {
        using var folder = new TestFolder();
        using (var log = MigrationLog.Open(folder.In("state"), "a", "b"))
        {
            log.Add(Series, 2);
            Assert.Null(log.Done(Series with { Instances = 3 }));
            Assert.Equal(2, log.Done(Series with { Instances = null }));
            Assert.Contains("in use", Assert.Throws<CommandException>(() => MigrationLog.Open(folder.In("state"), "a", "b")).Message, StringComparison.Ordinal);
        }
        Assert.Contains("another migration (a to b)", Assert.Throws<CommandException>(() => MigrationLog.Open(folder.In("state"), "a", "c")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_SaysHowFarHowFastAndHowLongStill()
    {
        var time = new Clock();
        var progress = new MigrationProgress(new Terminal(TextWriter.Null, TextWriter.Null, false), time);
        progress.Start(1000);
        progress.Skip(400);
        progress.Add(100, 50_000_000);
        time.Seconds = 100;
        Assert.Equal("500 of 1000 instances (50 %), 0.5 MB/s, about 8 min left", progress.Line());
    }

    private static byte[] File(int number, int seed = 0) => Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{number}", number, seed);

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => TimeProvider.System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A service with one study of one series of two instances, which takes everything and gives what the test says.</summary>
    private sealed class Peer : IAsyncDisposable
    {
        private readonly ScriptedService _service;
        private int _given;

        public Peer() => _service = new ScriptedService(AnswerAsync);

        public List<string> Asked { get; } = [];

        public Func<int, byte[][]> Give { get; set; } = _ => [];

        public Uri Url => _service.Url;

        public ValueTask DisposeAsync() => _service.DisposeAsync();

        private async Task AnswerAsync(ScriptedExchange exchange)
        {
            var path = exchange.Target.Split('?')[0];
            lock (Asked)
            {
                Asked.Add(path[path.IndexOf("/studies", StringComparison.Ordinal)..]);
            }
            var last = path.Split('/')[^1];
            if (exchange.Method == "POST")
            {
                var references = string.Join(',', new[] { 1, 2 }.Select(number => $$"""{"00081155":{"vr":"UI","Value":["1.2.3.1.{{number}}"] } }"""));
                await exchange.BodyAsync();
                await exchange.AnswerAsync(200, $"{{\"00081199\":{{\"vr\":\"SQ\",\"Value\":[{references}]}}}}");
            }
            else if (last is "studies" or "series" or "instances")
            {
                var uids = """ "0020000D":{"vr":"UI","Value":["1.2.3"]},"0020000E":{"vr":"UI","Value":["1.2.3.1"]} """;
                var found = last == "instances" ? string.Join(',', new[] { 1, 2 }.Select(number => $$"""{ {{uids}},"00080018":{"vr":"UI","Value":["1.2.3.1.{{number}}"] } }""")) : $"{{{uids}}}";
                await exchange.AnswerAsync(200, exchange.Target.EndsWith("offset=0", StringComparison.Ordinal) ? $"[{found}]" : "[]");
            }
            else
            {
                var files = last.Length > "1.2.3.1".Length ? [] : Give(Interlocked.Increment(ref _given));
                using var body = new MemoryStream();
                foreach (var file in files)
                {
                    body.Write("--b\r\nContent-Type: application/dicom\r\n\r\n"u8);
                    body.Write(file);
                    body.Write("\r\n"u8);
                }
                body.Write("--b--\r\n"u8);
                await exchange.AnswerAsync(200, body.ToArray(), "multipart/related; type=\"application/dicom\"; boundary=b");
            }
        }
    }
}
