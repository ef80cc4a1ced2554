using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>An object on its way: its UIDs, and the SHA-256 of its data set.</summary>
internal sealed record SentObject(string Study, string Series, string Sop, string Hash)
{
    private int _acknowledged;

    public bool IsAcknowledged => Volatile.Read(ref _acknowledged) != 0;

    public string Path => $"studies/{Study}/series/{Series}/instances/{Sop}";

    /// <summary>True the first time.</summary>
    public bool Acknowledge() => Interlocked.Exchange(ref _acknowledged, 1) == 0;

    /// <summary>SHA-256 of what is behind group 0002.</summary>
    public static async Task<string> HashAsync(byte[] file) => Convert.ToHexString(SHA256.HashData(file.AsSpan((int)await DataSetOffsetAsync(file))));

    public static async Task<long> DataSetOffsetAsync(byte[] file)
    {
        await using var reader = new DicomReader(new MemorySource(file));
        await reader.ReadFileMetaAsync(default);
        return reader.DataSetOffset;
    }
}

/// <summary>All that modalities sent, and what they were told of it.</summary>
internal sealed class SentObjects(int seed)
{
    // In three studies, before others begin: a long storm's studies stay as large as studies are.
    private const int ObjectsOfAModality = 1_000;

    private readonly ConcurrentDictionary<string, SentObject> _objects = new(StringComparer.Ordinal);
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _acknowledged;

    public IReadOnlyCollection<SentObject> All => (IReadOnlyCollection<SentObject>)_objects.Values;

    /// <summary>Objects that were answered with 0000H.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public SentObject? Find(string sop) => _objects.GetValueOrDefault(sop);

    /// <summary>A new object, and its file. Studies are shared by the modalities of a round, and are new after so many objects of each; series are not shared.</summary>
    public Task<(SentObject Sent, byte[] File)> MakeAsync(Random random, int round, int modality, int number) =>
        MakeAsync(random, round, modality, number, (Side(random), Side(random)));

    /// <summary>A new object of a size, two bytes a pixel.</summary>
    public async Task<(SentObject Sent, byte[] File)> MakeAsync(Random random, int round, int modality, int number, (ushort Rows, ushort Columns) size)
    {
        var study = string.Create(CultureInfo.InvariantCulture, $"2.25.{seed}.{round}.{number / ObjectsOfAModality}.{random.Next(3)}");
        var series = string.Create(CultureInfo.InvariantCulture, $"{study}.{modality}");
        var spec = new InstanceSpec(study, series, string.Create(CultureInfo.InvariantCulture, $"{series}.{number}"))
        {
            InstanceNumber = number, Rows = size.Rows, Columns = size.Columns, Modality = modality % 2 == 0 ? "CT" : "MR",
        };
        var file = Instances.File(spec);
        var sent = new SentObject(study, series, spec.Sop, await SentObject.HashAsync(file));
        Assert.True(_objects.TryAdd(sent.Sop, sent));
        return (sent, file);
    }

    public void Acknowledge(SentObject sent)
    {
        if (sent.Acknowledge())
        {
            Interlocked.Increment(ref _acknowledged);
            Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    /// <summary>Waits until so many more objects are acknowledged; how long that took.</summary>
    public async Task<TimeSpan> MoreAsync(int count)
    {
        var began = Stopwatch.GetTimestamp();
        for (var goal = Acknowledged + count; ;)
        {
            var next = Volatile.Read(ref _next).Task;
            if (Acknowledged >= goal)
            {
                return Stopwatch.GetElapsedTime(began);
            }
            await next.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    // 16-bit pixels: from 1 KB to 130 KB.
    private static ushort Side(Random random) => (ushort)(random.Next(10) < 8 ? random.Next(8, 80) : random.Next(80, 256));
}
