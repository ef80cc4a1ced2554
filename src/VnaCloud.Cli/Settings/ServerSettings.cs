using Microsoft.Extensions.Configuration;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Settings;

/// <summary>
/// The server's settings of storage and index, from where the server takes them: the command line, the environment, appsettings.json in
/// the working directory. They are read only when a command asks, so that a command that needs none does not fail by them.
/// </summary>
internal sealed class ServerSettings
{
    private const string Mark = "--Vna:";
    private static readonly (string Group, Type Type)[] Groups = [("Storage", typeof(StorageOptions)), ("Index", typeof(IndexOptions))];
    private readonly Lazy<IConfiguration> _configuration;

    private ServerSettings(IReadOnlyDictionary<string, string?> given)
    {
        Given = [.. given.Keys];
        _configuration = new Lazy<IConfiguration>(() => Load(given));
    }

    /// <summary>Settings that stand on the command line.</summary>
    public IReadOnlyList<string> Given { get; }

    /// <summary>Takes <c>--Vna:Group:Setting=value</c>, or the value as the next argument, out of a command line.</summary>
    public static (ServerSettings Settings, string[] Others) Split(IReadOnlyList<string> args)
    {
        var (given, rest) = (new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase), new List<string>());
        for (var i = 0; i < args.Count; i++)
        {
            if (!args[i].StartsWith(Mark, StringComparison.OrdinalIgnoreCase))
            {
                rest.Add(args[i]);
                continue;
            }
            var (name, value) = args[i].Split('=', 2) is [var left, var right] ? (left, right) : (args[i], i + 1 < args.Count ? args[++i] : "");
            given[name[2..]] = value;
        }
        return (new ServerSettings(given), [.. rest]);
    }

    /// <summary>The settings of the store and of the index.</summary>
    /// <exception cref="CommandException">With everything that is wrong.</exception>
    public (StorageOptions Storage, IndexOptions Index) Read()
    {
        var section = _configuration.Value.GetSection("Vna");
        // The groups that are the server's alone may stand in its file and environment; typed here, one is a mistake.
        var errors = Given.Where(static name => !Array.Exists(Groups, group => name.StartsWith($"Vna:{group.Group}:", StringComparison.OrdinalIgnoreCase)))
            .Select(static name => $"{name} has no meaning for this command: it takes Vna:Storage:... and Vna:Index:....").ToList();
        foreach (var (group, type) in Groups)
        {
            errors.AddRange(ConfigurationReader.Check(section.GetSection(group), type));
        }
        if (errors.Count > 0)
        {
            throw Refused(errors);
        }
        var storage = section.GetSection("Storage").Get<StorageOptions>() ?? new StorageOptions();
        var index = section.GetSection("Index").Get<IndexOptions>() ?? new IndexOptions();
        errors.AddRange([.. StorageSetup.Check(storage), .. index.Problems()]);
        return errors.Count > 0 ? throw Refused(errors) : (storage, index);
    }

    private static CommandException Refused(List<string> errors) => new(string.Join('\n', errors));

    // In the order of WebApplication.CreateBuilder: what comes later wins.
    private static IConfiguration Load(IReadOnlyDictionary<string, string?> given)
    {
        var environment = Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? "Production";
        try
        {
            return new ConfigurationBuilder()
                .SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile("appsettings.json", optional: true)
                .AddJsonFile($"appsettings.{environment}.json", optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(given)
                .Build();
        }
        catch (InvalidDataException damage)
        {
            throw new CommandException($"{damage.Message} {damage.InnerException?.Message}");
        }
    }
}
