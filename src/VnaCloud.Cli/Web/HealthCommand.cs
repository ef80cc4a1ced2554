using System.CommandLine;

namespace VnaCloud.Cli.Web;

internal static class HealthCommand
{
    private const string Description = """
        Asks a server or a gateway whether it is ready: exit code 0 when it says so, 1 otherwise. For health checks of containers, which
        have no other client in them, and for scripts that wait.

        Examples:
          vna health
          vna health http://127.0.0.1:8081/health/ready
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create(Terminal terminal)
    {
        var url = new Argument<string>("URL")
        {
            Description = "What to ask.",
            DefaultValueFactory = _ => "http://127.0.0.1:8080/health/ready",
        };
        var command = new Command("health", Description) { url };
        command.SetAction((parsed, cancellation) => RunAsync(terminal, parsed.GetRequiredValue(url), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, string text, CancellationToken cancellation)
    {
        if (!(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            throw new CommandException("URL is an absolute http or https URL, such as http://127.0.0.1:8080/health/ready.");
        }
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(url, cancellation);
            terminal.Line($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}");
            return answer.IsSuccessStatusCode ? VnaCommand.Ok : VnaCommand.Failed;
        }
        catch (HttpRequestException failure)
        {
            throw new CommandException($"{url} does not answer: {failure.Message}");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandException($"{url} does not answer within {Patience.TotalSeconds} s.");
        }
    }
}
