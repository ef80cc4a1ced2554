using System.Diagnostics;
using System.Globalization;
using System.Text;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>DCMTK's renderer: the witness for what a first frame looks like.</summary>
internal static class Dcm2pnm
{
    public static async Task<bool> ExistsAsync() => await RunAsync("--version") == 0;

    /// <summary>The first frame through the same window as ours, or null where DCMTK does not show the file.</summary>
    public static async Task<Picture?> RenderAsync(NativeImage image, string folder)
    {
        var target = Path.Combine(folder, "dcm2pnm.pnm");
        File.Delete(target);
        var status = await RunAsync(["-q", "-O", "+F", "1", .. Window(image), "+op", image.File.Path, target]);
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

    private static async Task<int?> RunAsync(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("dcm2pnm", arguments)
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
