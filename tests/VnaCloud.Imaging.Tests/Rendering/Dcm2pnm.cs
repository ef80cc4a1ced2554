using System.Diagnostics;
using System.Globalization;
using System.Text;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>DCMTK's renderer: the witness for what a first frame looks like.</summary>
internal static class Dcm2pnm
{
    public static async Task<bool> ExistsAsync() => await RunAsync("dcm2pnm", ["--version"]) == 0;

    /// <summary>The first frame through the same window as ours, or null where DCMTK does not show the file.</summary>
    public static async Task<Picture?> RenderAsync(NativeImage image, string folder)
    {
        var (target, source) = (Path.Combine(folder, "dcm2pnm.pnm"), image.File.Path);
        File.Delete(target);
        var tool = image.File.TransferSyntaxUid["1.2.840.10008.1.2".Length..] switch
        {
            ".4.50" or ".4.51" or ".4.57" or ".4.70" => "dcmj2pnm",
            ".4.80" or ".4.81" => "dcml2pnm",
            _ => "dcm2pnm",
        };
        if (image.File.TransferSyntaxUid.StartsWith("1.2.840.10008.1.2.4.9", StringComparison.Ordinal))
        {
            // DCMTK does not know JPEG 2000: GDCM decodes it.
            source = Path.Combine(folder, "gdcm.dcm");
            File.Delete(source);
            await RunAsync("gdcmconv", ["--raw", image.File.Path, source]);
        }
        var status = await RunAsync(tool, ["-q", "+F", "1", .. Window(image), "+op", source, target]);
        return status == 0 && File.Exists(target) ? ReadPnm(await File.ReadAllBytesAsync(target)) : null;
    }

    /// <summary>A binary PGM or PPM with 8 bits a sample.</summary>
    public static Picture ReadPnm(byte[] file)
    {
        var at = 0;
        var fields = new List<string>();
        while (fields.Count < 4)
        {
            var start = at;
            while (!char.IsWhiteSpace((char)file[at]))
            {
                at++;
            }
            if (file[start] == '#')
            {
                at = Array.IndexOf(file, (byte)'\n', start);
            }
            else if (at > start)
            {
                fields.Add(Encoding.ASCII.GetString(file, start, at - start));
            }
            at++;
        }
        Assert.Equal("255", fields[3]);
        int Number(int field) => int.Parse(fields[field], CultureInfo.InvariantCulture);
        var channels = fields[0] switch { "P5" => 1, "P6" => 3, _ => throw new InvalidDataException(fields[0]) };
        return new Picture(Number(1), Number(2), channels, file[at..(at + (Number(1) * Number(2) * channels))]);
    }

    // What the file has, in the order in which we look; DCMTK does not look into functional groups, so it is told their window.
    private static string[] Window(NativeImage image)
    {
        if (!image.Pixels.IsMonochrome)
        {
            return [];
        }
        var group = Group(image.DataSet, DicomTags.PerFrameFunctionalGroupsSequence) ?? Group(image.DataSet, DicomTags.SharedFunctionalGroupsSequence);
        if (group is not null)
        {
            return ["+Ww", group.String(DicomTags.WindowCenter).Trim(), group.String(DicomTags.WindowWidth).Trim()];
        }
        return image.DataSet.String(DicomTags.WindowCenter).Length > 0 ? ["+Wi", "1"]
            : image.DataSet[DicomTags.VOILUTSequence] is { IsEmpty: false } ? ["+Wl", "1"]
            : ["+Wm"];
    }

    private static DicomDataSet? Group(DicomDataSet dataSet, DicomTag groups) =>
        dataSet[groups]?.Items is [var first, ..] && first[DicomTags.FrameVOILUTSequence]?.Items is [var item, ..]
            && item.String(DicomTags.WindowCenter).Length > 0 ? item : null;

    private static async Task<int?> RunAsync(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            await process.StandardError.ReadToEndAsync();
            await output;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
