using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;

namespace VnaCloud.Imaging;

/// <summary>
/// Workers of the native codecs, which run outside of this process: whatever a hostile stream does to one of them costs its own request. A
/// worker that is lost is replaced at once.
/// </summary>
public sealed class CodecPool : IAsyncDisposable
{
    private readonly CodecOptions _options;
    private readonly TimeProvider _time;
    private readonly CrashedFrames _crashed;
    private readonly ConcurrentStack<CodecWorker> _idle = new();
    private readonly SemaphoreSlim _free;
    private readonly SemaphoreSlim _starting = new(1);
    private readonly string _folder;
    private readonly string _address;
    private Socket? _listener;
    private int _waiting;
    private volatile bool _isDisposed;

    /// <summary>Workers are started when they are needed.</summary>
    public CodecPool(CodecOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time) = (options, time);
        _crashed = new CrashedFrames(options.MaxCrashes, options.CrashMemory, time);
        _free = new SemaphoreSlim(options.Workers);
        // A thread waits while a worker works (CodecWorker.Run): as many more than others need. Several pools of a process do not add up.
        ThreadPool.GetMinThreads(out var threads, out var ports);
        ThreadPool.SetMinThreads(Math.Max(threads, Environment.ProcessorCount + options.Workers), ports);
        _folder = Path.Combine(Path.GetTempPath(), $"vna-codec-{Guid.NewGuid():N}");
        _address = Path.Combine(_folder, "s");
    }

    /// <summary>Called when a worker was lost, with the codec and the reason.</summary>
    public event Action<string, string>? WorkerLost;

    /// <summary>Null when workers can be started; else a sentence that says how to get them.</summary>
    public string? WhyNot => !OperatingSystem.IsLinux() ? "Codec workers need Linux."
        : File.Exists(_options.Program) ? null
        : $"The codec worker {Path.GetFileName(_options.Program)} is not installed: start once with ./run.sh --with-codecs, or see docs/operations.md.";

    /// <summary>Bytes of a decoded frame at most.</summary>
    public int MaxFrameBytes => _options.MaxFrameBytes;

    /// <summary>
    /// Runs a job: where a worker is free, on the caller's thread, which waits for it; who wants several frames at once starts a task for each.
    /// <paramref name="take"/> is called with the output, which is the worker's memory, before this returns; not when this throws.
    /// </summary>
    /// <exception cref="ImageException">The frame is damaged, not supported, or did harm before.</exception>
    /// <exception cref="CodecCrashException">The worker was lost over it.</exception>
    /// <exception cref="CodecBusyException">Too many wait.</exception>
    /// <exception cref="CodecUnavailableException">There are no workers.</exception>
    internal async Task<CodecImage> RunAsync(CodecJob job, ReadOnlyMemory<byte> input, Action<CodecImage, ReadOnlySpan<byte>> take, CancellationToken cancellation)
    {
        if (job.Capacity > _options.MaxFrameBytes)
        {
            CodecMeter.Refused("too large");
            throw new ImageException($"A frame of {job.Capacity} bytes is larger than is decoded here ({_options.MaxFrameBytes}).");
        }
        if (_crashed.IsRefused(input))
        {
            CodecMeter.Refused("crashed before");
            throw new ImageException("This frame ended codec workers before; it is not tried again for a while.");
        }
        using var activity = CodecMeter.Begin(job, input.Length);
        await EnterAsync(cancellation);
        // Not stopped by the client's going away: the worker would be lost, and `take` writes into memory of the caller.
        var since = Stopwatch.GetTimestamp();
        return await MeasureAsync(job, activity, since, FinishAsync(job, input, take, since));
    }

    /// <summary>Ends all workers.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _starting.WaitAsync();
        _listener?.Dispose();
        while (_idle.TryPop(out var worker))
        {
            worker.Dispose();
        }
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task EnterAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (WhyNot is { } why)
        {
            throw new CodecUnavailableException(why);
        }
        if (Interlocked.Increment(ref _waiting) > _options.MaxWaiting + _options.Workers)
        {
            Interlocked.Decrement(ref _waiting);
            CodecMeter.Refused("busy");
            throw new CodecBusyException();
        }
        var since = CodecMeter.Wait();
        try
        {
            await _free.WaitAsync(cancellation);
        }
        finally
        {
            CodecMeter.Waited(since);
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static async Task<CodecImage> MeasureAsync(CodecJob job, Activity? activity, long since, Task<CodecImage> work)
    {
        try
        {
            var image = await work;
            CodecMeter.Done(job, activity, since, null);
            return image;
        }
        catch (Exception failure)
        {
            CodecMeter.Done(job, activity, since, failure);
            throw;
        }
    }

    private async Task<CodecImage> FinishAsync(CodecJob job, ReadOnlyMemory<byte> input, Action<CodecImage, ReadOnlySpan<byte>> take, long since)
    {
        CodecWorker? worker = null;
        try
        {
            worker = _idle.TryPop(out var idle) ? idle : await StartAsync();
            return worker.Run(job, input.Span, take, since);
        }
        catch (CodecCrashException crash)
        {
            _crashed.Add(input);
            CodecMeter.Crash(job, crash.Reason);
            WorkerLost?.Invoke(job.Kind.ToString(), crash.Reason);
            throw;
        }
        finally
        {
            Return(worker);
            _free.Release();
        }
    }

    private void Return(CodecWorker? worker)
    {
        if (worker is { IsUsable: true } && !_isDisposed && _idle.Count < _options.Workers)
        {
            _idle.Push(worker);
        }
        else if (worker is not null)
        {
            worker.Dispose();
            if (_idle.Count < _options.Workers)
            {
                _ = ReplaceAsync();
            }
        }
    }

    // The next request shall find one; where it cannot be started, that request says why.
    private async Task ReplaceAsync()
    {
        try
        {
            Return(await StartAsync());
        }
        catch (Exception failure) when (failure is CodecUnavailableException or ObjectDisposedException)
        {
            // said by the next request
        }
    }

    private async Task<CodecWorker> StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return await CodecWorker.StartAsync(_options, _listener ??= Listen(), _address, _time);
        }
        catch (Exception failure) when (failure is IOException or SocketException or Win32Exception or OperationCanceledException or UnauthorizedAccessException)
        {
            throw new CodecUnavailableException($"The codec worker {Path.GetFileName(_options.Program)} does not start: {failure.Message}");
        }
        finally
        {
            _starting.Release();
        }
    }

    private Socket Listen()
    {
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_address));
        socket.Listen();
        return socket;
    }
}
