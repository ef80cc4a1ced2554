using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.Imaging;

/// <summary>Requests and answers on a worker's socket (src/VnaCloud.Codecs/main.cpp): fixed size, little endian.</summary>
internal static class CodecWire
{
    public const int RequestLength = 64, AnswerLength = 256, HelloLength = 16;

    /// <summary>Where the output begins: behind the input, on a page.</summary>
    public const int Page = 4096;

    private const uint Magic = 0x43414E56, Version = 1;
    private const int TextAt = 40;

    public enum Operation : uint
    {
        Reserve = 1,
        Decode = 2,
        Encode = 3,
    }

    public enum Status
    {
        Done = 0,
        Damaged = 1,
        NoMemory = 2,
        Misuse = 3,
    }

    public static void WriteReserve(Span<byte> request, long length, int cpuSeconds) =>
        Write(request, Operation.Reserve, default, length, 0, cpuSeconds);

    public static void WriteJob(Span<byte> request, in CodecJob job, int inputLength, long outputOffset, int cpuSeconds) =>
        Write(request, job.Encode ? Operation.Encode : Operation.Decode, job, inputLength, outputOffset, cpuSeconds);

    /// <summary>The process id and the number of its memory file.</summary>
    public static (int Process, int File)? ReadHello(ReadOnlySpan<byte> hello) =>
        Number(hello, 0) == Magic && Number(hello, 4) == Version ? ((int)Number(hello, 8), (int)Number(hello, 12)) : null;

    /// <summary>Null for anything that a worker in its right mind would not say.</summary>
    public static (Status Status, long Length, CodecImage Image, TimeSpan Cpu, string Text)? ReadAnswer(ReadOnlySpan<byte> answer)
    {
        var status = (Status)Number(answer, 4);
        if (Number(answer, 0) != Magic || status is < Status.Done or > Status.Misuse)
        {
            return null;
        }
        var text = answer[TextAt..];
        var end = text.IndexOf((byte)0);
        var image = new CodecImage((int)Number(answer, 16), (int)Number(answer, 20), (int)Number(answer, 24), (int)Number(answer, 28), (CodecFlags)Number(answer, 32));
        return (status, BinaryPrimitives.ReadInt64LittleEndian(answer[8..]), image, TimeSpan.FromMicroseconds(Number(answer, 36)), Printable(end < 0 ? text : text[..end]));
    }

    private static void Write(Span<byte> request, Operation operation, in CodecJob job, long inputLength, long outputOffset, int cpuSeconds)
    {
        Span<uint> numbers =
        [
            Magic, (uint)operation, (uint)job.Kind, (uint)job.Image.Flags, (uint)job.Image.Width, (uint)job.Image.Height,
            (uint)job.Image.Samples, (uint)job.Image.Bits, (uint)job.Parameter, (uint)cpuSeconds,
        ];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(request[(4 * i)..], numbers[i]);
        }
        BinaryPrimitives.WriteInt64LittleEndian(request[40..], inputLength);
        BinaryPrimitives.WriteInt64LittleEndian(request[48..], outputOffset);
        BinaryPrimitives.WriteInt64LittleEndian(request[56..], job.Capacity);
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    // It goes into answers and logs.
    private static string Printable(ReadOnlySpan<byte> text)
    {
        var said = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            said.Append(letter is >= (byte)' ' and < 127 ? (char)letter : ' ');
        }
        return said.ToString().Trim();
    }
}
