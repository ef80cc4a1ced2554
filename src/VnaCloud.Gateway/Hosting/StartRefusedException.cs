namespace VnaCloud.Gateway.Hosting;

/// <summary>The gateway cannot start as configured. Each reason is one sentence that says what to change.</summary>
internal sealed class StartRefusedException(IReadOnlyList<string> reasons) : Exception(string.Join(Environment.NewLine, reasons))
{
    public IReadOnlyList<string> Reasons { get; } = reasons;
}
