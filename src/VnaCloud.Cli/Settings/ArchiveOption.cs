using System.CommandLine;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Settings;

/// <summary>How a command is told which archive: a data folder by --data, else what the server's settings name.</summary>
internal sealed class ArchiveOption(ServerSettings settings)
{
    /// <summary>A paragraph for the page of each command that has these options.</summary>
    private const string Help = """
        Which archive: the settings of the server name it, also a bucket and PostgreSQL: as --Vna:Storage:S3:Bucket=..., as environment
        variables (Vna__Storage__S3__SecretKey=..., best for secrets), or in appsettings.json of the working directory. --data DIR is a
        data folder with its own index, whatever they say.
        """;

    private readonly Option<string> _data = new("--data") { Description = "The data folder.", HelpName = "DIR", DefaultValueFactory = _ => "./data" };

    private readonly Option<string?> _index = new("--index")
    {
        Description = "Connection string of an index in PostgreSQL (Npgsql's). Default: that of the settings, else the SQLite index of the data folder.",
        HelpName = "CONNECTION",
    };

    /// <summary>Gives a command both options.</summary>
    public void AddTo(Command command)
    {
        command.Description += $"\n{Help}";
        command.Add(_data);
        command.Add(_index);
    }

    /// <summary>Gives --data to a command that works on a data folder alone.</summary>
    public void AddFolderTo(Command command) => command.Add(_data);

    /// <summary>The archive that a command line names.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">A data folder that stands in place of --data; null without.</param>
    /// <exception cref="CommandException">The settings cannot be, or contradict --data.</exception>
    public ArchivePlace Of(ParseResult parsed, string? folder = null)
    {
        var connection = parsed.GetValue(_index);
        if (Explicit(parsed, folder) is { } data)
        {
            return ArchivePlace.OfFolder(data, connection);
        }
        var (storage, index) = settings.Read();
        return ArchivePlace.OfSettings(storage, index, connection);
    }

    /// <summary>For commands that work on a data folder alone.</summary>
    public DataFolder FolderOf(ParseResult parsed)
    {
        if (Explicit(parsed, null) is { } data)
        {
            return new DataFolder(data);
        }
        var (storage, index) = settings.Read();
        return storage.Provider == StorageProvider.FileSystem && index.Provider == Index.IndexProvider.Sqlite
            ? new DataFolder(storage.Path, index.SqlitePath(storage.Path))
            : throw new CommandException($"'vna {parsed.CommandResult.Command.Name}' works on a data folder with its SQLite index, and the settings name a bucket or PostgreSQL: name the folder with --data DIR.");
    }

    private string? Explicit(ParseResult parsed, string? folder)
    {
        var data = folder ?? (parsed.GetResult(_data) is { Implicit: false } ? parsed.GetRequiredValue(_data) : null);
        return data is not null && settings.Given.Count > 0
            ? throw new CommandException($"--data names a data folder with everything in it; {settings.Given[0]} names an archive otherwise. Use one of them.")
            : data;
    }
}
