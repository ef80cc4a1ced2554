using Microsoft.Extensions.Logging.Abstractions;
using VnaCloud.Dicom;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>A spool in a folder of its own, which may be opened again.</summary>
internal sealed class TestSpool : IDisposable
{
    private readonly bool _owns;
    private readonly int _batch;

    public TestSpool(string? folder = null, SpoolOptions? options = null, Func<DicomReader, ForwardRoute>? route = null, TimeProvider? time = null, int batch = 10)
    {
        _batch = batch;
        _owns = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("vnacloud-spool-").FullName;
        options ??= new SpoolOptions { Path = Folder, MinFreeBytes = 0, LowFreeBytes = 0 };
        Spool = Open(options, route ?? (_ => new ForwardRoute(ArchiveOptions.Main, Lane.Normal)), time ?? TimeProvider.System);
    }

    public string Folder { get; }

    public ObjectSpool Spool { get; private set; }

    public DestinationQueue Queue => Spool.Queues.Single();

    public int Unsent => Queue.Lanes().Sum(lane => lane.Objects);

    /// <summary>Names of the files of a state.</summary>
    public string[] Files(string state) => [.. Directory.GetFiles(Path.Combine(Folder, state)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <summary>As a new process finds it.</summary>
    public async Task ReopenAsync()
    {
        Spool.Dispose();
        Spool = Open(new SpoolOptions { Path = Folder, MinFreeBytes = 0, LowFreeBytes = 0 }, _ => new ForwardRoute(ArchiveOptions.Main, Lane.Normal), TimeProvider.System);
        await Spool.LoadAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        Spool.Dispose();
        if (_owns)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private ObjectSpool Open(SpoolOptions options, Func<DicomReader, ForwardRoute> route, TimeProvider time) =>
        new(options, route, new Dictionary<string, BatchLimits> { [ArchiveOptions.Main] = new(_batch, 32_000_000) }, time, NullLogger<ObjectSpool>.Instance);
}

/// <summary>A clock that a test sets.</summary>
internal sealed class SetTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 3, 16, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.Ticks;

    public void Pass(double seconds) => Now += TimeSpan.FromSeconds(seconds);
}
