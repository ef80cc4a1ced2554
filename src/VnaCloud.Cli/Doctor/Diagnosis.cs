namespace VnaCloud.Cli.Doctor;

/// <summary>How bad it is.</summary>
internal enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Could not be looked at, or need not be here.</summary>
    Skipped,

    /// <summary>Works, and will be trouble.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Error,
}

/// <summary>What was found: each finding that is not ok says what to do.</summary>
internal sealed class Diagnosis(Terminal terminal)
{
    public int Errors { get; private set; }

    public int Warnings { get; private set; }

    public void Ok(string area, string text) => Write(Severity.Ok, area, text, "");

    public void Skipped(string area, string text) => Write(Severity.Skipped, area, text, "");

    /// <param name="area">What was looked at, in a word.</param>
    /// <param name="text">What is so.</param>
    /// <param name="advice">What to do.</param>
    public void Warning(string area, string text, string advice) => Write(Severity.Warning, area, text, advice);

    /// <param name="area">What was looked at, in a word.</param>
    /// <param name="text">What is wrong.</param>
    /// <param name="advice">What to do.</param>
    public void Error(string area, string text, string advice) => Write(Severity.Error, area, text, advice);

    /// <summary>One or the other.</summary>
    public void Judge(bool isWell, string area, string well, string trouble, string advice, Severity severity = Severity.Warning) =>
        Write(isWell ? Severity.Ok : severity, area, isWell ? well : trouble, isWell ? "" : advice);

    private void Write(Severity severity, string area, string text, string advice)
    {
        Errors += severity == Severity.Error ? 1 : 0;
        Warnings += severity == Severity.Warning ? 1 : 0;
        terminal.Line($"{severity.ToString().ToLowerInvariant(),-8} {area,-12} {text}");
        if (advice.Length > 0)
        {
            terminal.Line($"{"",-21} -> {advice}");
        }
    }
}
