using Spectre.Console;

namespace VnaCloud.Cli;

/// <summary>Where a command speaks to: plain lines, and a progress bar where somebody is looking.</summary>
internal sealed class Terminal(TextWriter output, TextWriter errors, bool interactive)
{
    public TextWriter Output => output;

    public TextWriter Errors => errors;

    public static Terminal OfProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi);

    public void Line(string text) => output.WriteLine(text);

    public void Error(string text) => errors.WriteLine(text);

    /// <summary>Runs work that says how far it is; the total may be asked for while the bar is already there.</summary>
    public async Task<T> WithProgressAsync<T>(string title, Func<CancellationToken, Task<long>> total, Func<Action<long>, Task<T>> work, CancellationToken cancellation)
    {
        if (!interactive)
        {
            return await work(_ => { });
        }
        return await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(title), autoStart: true, maxValue: 1);
                task.IsIndeterminate = true;
                task.MaxValue = Math.Max(1, await total(cancellation));
                task.IsIndeterminate = false;
                var result = await work(done => task.Value = done);
                task.Value = task.MaxValue;
                return result;
            });
    }
}
