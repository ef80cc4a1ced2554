using System.Diagnostics;
using System.Net.Sockets;

namespace VnaCloud.Imaging;

/// <summary>One codec process. It does one job at a time; after any failure but that of a stream it is of no more use.</summary>
internal sealed class CodecWorker : IDisposable
{
    private const int BytesOfASecond = 8 * 1024 * 1024;
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Socket _socket;
    private readonly SharedFrames _frames;
    private readonly CodecOptions _options;
    private readonly byte[] _request = new byte[CodecWire.RequestLength], _answer = new byte[CodecWire.AnswerLength];

    private CodecWorker(Process process, Socket socket, SharedFrames frames, CodecOptions options) =>
        (_process, _socket, _frames, _options) = (process, socket, frames, options);

    /// <summary>It can take another job.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Starts a process that connects to <paramref name="listener"/>, which nobody else can reach, at <paramref name="address"/>.</summary>
    /// <exception cref="IOException">It does not start, or does not say who it is.</exception>
    public static async Task<CodecWorker> StartAsync(CodecOptions options, Socket listener, string address, TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(StartTimeout, time);
        var since = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo(options.Program, [address, $"{options.MemoryMiB}"]) { UseShellExecute = false };
        start.Environment.Clear();
        var process = Process.Start(start) ?? throw new IOException("The codec worker did not start.");
        Socket? socket = null;
        try
        {
            socket = await listener.AcceptAsync(timeout.Token);
            var hello = new byte[CodecWire.HelloLength];
            Receive(socket, hello, since, StartTimeout);
            return CodecWire.ReadHello(hello) is { } said && said.Process == process.Id
                ? new CodecWorker(process, socket, SharedFrames.Open(process.Id, said.File), options)
                : throw new IOException("The codec worker is of another version.");
        }
        catch
        {
            socket?.Dispose();
            End(process);
            throw;
        }
    }

    /// <summary>
    /// Runs a job; <paramref name="take"/> gets the output before the next job overwrites it. The thread waits for the worker, as it would for a
    /// codec in this process: to be woken by way of the sockets' own thread costs a small frame a tenth of its time. The frame's time runs from
    /// <paramref name="since"/>, a <see cref="Stopwatch"/> timestamp: the start of a worker for it counts.
    /// </summary>
    /// <exception cref="ImageException">The stream is damaged or not supported; the worker goes on.</exception>
    /// <exception cref="CodecCrashException">The worker is lost.</exception>
    public CodecImage Run(CodecJob job, ReadOnlySpan<byte> input, Action<CodecImage, ReadOnlySpan<byte>> take, long since)
    {
        try
        {
            var outputAt = ((long)input.Length + CodecWire.Page - 1) / CodecWire.Page * CodecWire.Page;
            Reserve(outputAt + job.Capacity, since);
            input.CopyTo(_frames.Range(0, input.Length));
            CodecWire.WriteJob(_request, job, input.Length, outputAt, _options.CpuSeconds + job.Capacity / BytesOfASecond);
            var answer = Ask(since);
            if (answer.Length < 0 || answer.Length > job.Capacity || (!job.Encode && answer.Image.Length != answer.Length))
            {
                throw new CodecCrashException("answered nonsense");
            }
            CodecMeter.Cpu(job, answer.Cpu);
            take(answer.Image, _frames.Range(outputAt, (int)answer.Length));
            IsUsable = _frames.Length <= _options.KeptBytes;
            return answer.Image;
        }
        catch (SocketException slow) when (slow.SocketErrorCode == SocketError.TimedOut)
        {
            IsUsable = false;
            throw new CodecCrashException("took too long");
        }
        catch (Exception lost) when (lost is SocketException or IOException)
        {
            IsUsable = false;
            throw new CodecCrashException("crashed");
        }
        catch (CodecCrashException)
        {
            IsUsable = false;
            throw;
        }
    }

    public void Dispose()
    {
        IsUsable = false;
        End(_process);
        _socket.Dispose();
        _frames.Dispose();
    }

    private void Reserve(long length, long since)
    {
        if (length <= _frames.Length)
        {
            return;
        }
        // Some more than is needed: frames of a series differ by a little.
        length = Math.Max(length + length / 8, 1024 * 1024);
        CodecWire.WriteReserve(_request, length, _options.CpuSeconds);
        Ask(since);
        _frames.Map(length);
    }

    private (long Length, CodecImage Image, TimeSpan Cpu) Ask(long since)
    {
        _socket.Send(_request);
        Receive(_socket, _answer, since, _options.Timeout);
        return CodecWire.ReadAnswer(_answer) switch
        {
            { Status: CodecWire.Status.Done } done => (done.Length, done.Image, done.Cpu),
            { Status: CodecWire.Status.Damaged or CodecWire.Status.NoMemory } refused => throw new ImageException(refused.Text),
            _ => throw new CodecCrashException("answered nonsense"),
        };
    }

    // The limit is one of all that is said since then, not of each answer or byte of it.
    private static void Receive(Socket socket, Span<byte> bytes, long since, TimeSpan limit)
    {
        while (bytes.Length > 0)
        {
            var left = limit - Stopwatch.GetElapsedTime(since);
            if (left < OneMillisecond)
            {
                throw new SocketException((int)SocketError.TimedOut); // a time of 0 would mean to wait for ever
            }
            socket.ReceiveTimeout = (int)Math.Min(left.TotalMilliseconds, int.MaxValue);
            var read = socket.Receive(bytes);
            if (read == 0)
            {
                throw new IOException("The codec worker is gone.");
            }
            bytes = bytes[read..];
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // ended by itself
        }
        process.Dispose();
    }
}
