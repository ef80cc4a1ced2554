using System.Diagnostics;
using System.Net.Sockets;

namespace VnaCloud.Imaging;

/// <summary>One codec process. It does one job at a time; after any failure but that of a stream it is of no more use.</summary>
internal sealed class CodecWorker : IDisposable
{
    private const int BytesOfASecond = 8 * 1024 * 1024;

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
    public static async Task<CodecWorker> StartAsync(CodecOptions options, Socket listener, string address, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(options.Program, [address, $"{options.MemoryMiB}"]) { UseShellExecute = false };
        start.Environment.Clear();
        var process = Process.Start(start) ?? throw new IOException("The codec worker did not start.");
        Socket? socket = null;
        try
        {
            socket = await listener.AcceptAsync(cancellation);
            var hello = new byte[CodecWire.HelloLength];
            await ReceiveAsync(socket, hello, cancellation);
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

    /// <summary>Runs a job; <paramref name="take"/> gets the output before the next job overwrites it.</summary>
    /// <exception cref="ImageException">The stream is damaged or not supported; the worker goes on.</exception>
    /// <exception cref="CodecCrashException">The worker is lost.</exception>
    public async Task<CodecImage> RunAsync(CodecJob job, ReadOnlyMemory<byte> input, Action<CodecImage, ReadOnlySpan<byte>> take, CancellationToken timeout)
    {
        try
        {
            var outputAt = ((long)input.Length + CodecWire.Page - 1) / CodecWire.Page * CodecWire.Page;
            await ReserveAsync(outputAt + job.Capacity, timeout);
            input.Span.CopyTo(_frames.Range(0, input.Length));
            CodecWire.WriteJob(_request, job, input.Length, outputAt, _options.CpuSeconds + job.Capacity / BytesOfASecond);
            var answer = await AskAsync(timeout);
            if (answer.Length < 0 || answer.Length > job.Capacity || (!job.Encode && answer.Image.Length != answer.Length))
            {
                throw new CodecCrashException("answered nonsense");
            }
            CodecMeter.Cpu(job, answer.Cpu);
            take(answer.Image, _frames.Range(outputAt, (int)answer.Length));
            IsUsable = _frames.Length <= _options.KeptBytes;
            return answer.Image;
        }
        catch (OperationCanceledException)
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

    private async Task ReserveAsync(long length, CancellationToken timeout)
    {
        if (length <= _frames.Length)
        {
            return;
        }
        // Some more than is needed: frames of a series differ by a little.
        length = Math.Max(length + length / 8, 1024 * 1024);
        CodecWire.WriteReserve(_request, length, _options.CpuSeconds);
        await AskAsync(timeout);
        _frames.Map(length);
    }

    private async Task<(long Length, CodecImage Image, TimeSpan Cpu)> AskAsync(CancellationToken timeout)
    {
        await _socket.SendAsync(_request, timeout);
        await ReceiveAsync(_socket, _answer, timeout);
        return CodecWire.ReadAnswer(_answer) switch
        {
            { Status: CodecWire.Status.Done } done => (done.Length, done.Image, done.Cpu),
            { Status: CodecWire.Status.Damaged or CodecWire.Status.NoMemory } refused => throw new ImageException(refused.Text),
            _ => throw new CodecCrashException("answered nonsense"),
        };
    }

    private static async Task ReceiveAsync(Socket socket, Memory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
        {
            var read = await socket.ReceiveAsync(bytes, cancellation);
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
