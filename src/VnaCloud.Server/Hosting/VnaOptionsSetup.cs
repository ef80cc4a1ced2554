using VnaCloud.Storage;

namespace VnaCloud.Server.Hosting;

internal static class VnaOptionsSetup
{
    /// <summary>Reads the section <c>Vna</c> once, at start, and registers it as one immutable object.</summary>
    /// <exception cref="StartRefusedException">With everything that is wrong, not the first thing only.</exception>
    public static VnaOptions AddVnaOptions(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(VnaOptions.Section);
        var errors = ConfigurationReader.Check(section, typeof(VnaOptions));
        if (errors.Count > 0)
        {
            throw new StartRefusedException(errors);
        }
        var options = section.Get<VnaOptions>() ?? new VnaOptions();
        errors.AddRange(OptionRules.Check(options, ListenAddresses.Read(builder.Configuration)));
        if (errors.Count > 0)
        {
            throw new StartRefusedException(errors);
        }
        builder.Services.AddSingleton(options);
        return options;
    }
}
