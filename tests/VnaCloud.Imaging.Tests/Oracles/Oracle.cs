using System.Diagnostics;

namespace VnaCloud.Imaging.Tests;

/// <summary>Programs whose word is taken for what a frame's samples are.</summary>
internal static class Oracle
{
    public static Lazy<bool> HasDcmtk { get; } = new(() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, "dcmdjpeg"))));

    public const string Missing = "no DCMTK (dcmdjpeg, dcmcjpeg, dcmdrle) in the path";

    /// <summary>What a DCMTK program makes of a file; its complaint when it makes nothing.</summary>
    public static async Task<(PixelFile? File, string Complaint)> RunAsync(string program, IReadOnlyList<string> arguments, string path)
    {
        var output = Path.GetTempFileName();
        try
        {
            var complaint = await RunAsync(program, [.. arguments, path, output]);
            return complaint is null ? (await PixelFile.OpenAsync(output), "") : (null, complaint);
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>The same of bytes.</summary>
    public static async Task<(PixelFile? File, string Complaint)> RunAsync(string program, IReadOnlyList<string> arguments, byte[] file)
    {
        var input = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(input, file);
            return await RunAsync(program, arguments, input);
        }
        finally
        {
            File.Delete(input);
        }
    }

    /// <summary>Null when the program ends well; else what it wrote.</summary>
    public static async Task<string?> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : (output + await errors).Trim().ReplaceLineEndings(" ");
    }
}
