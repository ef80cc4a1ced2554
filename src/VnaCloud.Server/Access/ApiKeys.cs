namespace VnaCloud.Server.Access;

/// <summary>The keys of the configuration.</summary>
internal sealed class ApiKeys(AuthOptions options)
{
    private readonly Dictionary<string, ApiKey> _keys = options.Keys.Select(ApiKey.Parse).OfType<ApiKey>().ToDictionary(static key => key.Hash);

    /// <summary>Whose key that is; null for nobody's.</summary>
    public ApiKey? Find(string key) => FindHash(ApiKey.HashOf(key));

    /// <summary>The key of this hash, unless it was taken away.</summary>
    public ApiKey? FindHash(string hash) => _keys.GetValueOrDefault(hash);
}
