namespace VnaCloud.Gateway.Hosting;

internal static class GatewayOptionsSetup
{
    /// <summary>Reads the section <c>Gateway</c> once, at start, and registers it as one immutable object.</summary>
    /// <exception cref="StartRefusedException">With everything that is wrong, not the first thing only.</exception>
    public static GatewayOptions AddGatewayOptions(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(GatewayOptions.Section);
        var errors = SettingsCheck.Find(section, typeof(GatewayOptions));
        if (errors.Count > 0)
        {
            throw new StartRefusedException(errors);
        }
        var options = section.Get<GatewayOptions>() ?? new GatewayOptions();
        errors.AddRange(OptionRules.Check(options));
        if (errors.Count > 0)
        {
            throw new StartRefusedException(errors);
        }
        builder.Services.AddSingleton(options);
        return options;
    }
}
