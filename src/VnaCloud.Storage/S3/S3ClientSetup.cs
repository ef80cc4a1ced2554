using Amazon.Runtime;
using Amazon.S3;

namespace VnaCloud.Storage;

/// <summary>The SDK set up as a plain speaker of the protocol: no retries, no chunk framing, no checksums of its own choice.</summary>
internal static class S3ClientSetup
{
    public static AmazonS3Client Create(S3StoreOptions options)
    {
        var config = new AmazonS3Config
        {
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle,
            // Stores that are not AWS refuse the SDK's default checksum trailers; ours are explicit.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 0,
            // Time limits are ours, per attempt and by size.
            Timeout = Timeout.InfiniteTimeSpan,
            HttpClientFactory = new Connections(options),
            DisableLogging = true,
            // Bodies leave in pieces of this; the default of 8 KiB is a system call for each.
            BufferSize = 128 * 1024,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.UseHttp = endpoint.StartsWith("http:", StringComparison.OrdinalIgnoreCase);
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        }
        return options.Credentials is { } credentials
            ? new AmazonS3Client(new AskedCredentials(credentials, config), config)
            : new AmazonS3Client(config);
    }

    private sealed class Connections(S3StoreOptions options) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(3),
            // Names of a cloud's load balancers move.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            MaxConnectionsPerServer = options.Connections,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = clientConfig.GetWebProxy() is not null,
            Proxy = clientConfig.GetWebProxy(),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => true;

        // Null: the SDK keeps one for each of its clients and disposes it with the client.
        public override string? GetConfigUniqueString(IClientConfig clientConfig) => null;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }

    // The SDK asks for every request: what was rotated counts at once.
    private sealed class AskedCredentials(Func<S3Credentials?> ask, AmazonS3Config config) : AWSCredentials
    {
        public override ImmutableCredentials GetCredentials() => ask() is { } keys
            ? new ImmutableCredentials(keys.AccessKey, keys.SecretKey, keys.SessionToken)
            : new Amazon.Runtime.Credentials.DefaultAWSCredentialsIdentityResolver().ResolveIdentity(config).GetCredentials();
    }
}
