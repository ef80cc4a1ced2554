using System.CommandLine;
using System.Globalization;

namespace VnaCloud.Cli.Sample;

internal static class SampleCommand
{
    private const string Description = """
        Writes a small generated CT study: DIR/ct-001.dcm and so on. The same files every time; no real patient is in them.

        Examples:
          vna sample ./sample
          vna sample ./sample --slices 50
        """;

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("DIR") { Description = "Folder to write to." };
        var slices = new Option<int>("--slices") { Description = "Number of slices, 1 to 500.", HelpName = "N", DefaultValueFactory = _ => 20 };
        slices.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (>= 1 and <= 500))
            {
                result.AddError("--slices is a number from 1 to 500.");
            }
        });
        var command = new Command("sample", Description) { folder, slices };
        command.SetAction(async (parsed, cancellation) =>
        {
            var directory = Path.GetFullPath(parsed.GetRequiredValue(folder));
            var count = parsed.GetValue(slices);
            Directory.CreateDirectory(directory);
            for (var slice = 0; slice < count; slice++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"ct-{slice + 1:000}.dcm");
                await File.WriteAllBytesAsync(Path.Combine(directory, name), SampleStudy.Slice(slice, count), cancellation);
            }
            terminal.Line($"{count} files written to {directory}. Study Instance UID: {SampleStudy.StudyUid}");
            return VnaCommand.Ok;
        });
        return command;
    }
}
