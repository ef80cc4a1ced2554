using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>What an answer, or its absence, means to us.</summary>
internal enum S3Fault
{
    /// <summary>Will not be different next time.</summary>
    Permanent,

    /// <summary>Overload, a broken connection, a timeout: may be different next time, and the request may have been carried out.</summary>
    Transient,

    /// <summary>No such object (or upload).</summary>
    Missing,

    /// <summary>The condition did not hold: the key is taken.</summary>
    Taken,

    /// <summary>Past the end.</summary>
    OutOfRange,

    /// <summary>The store does not know the feature.</summary>
    NotImplemented,

    /// <summary>The bytes that arrived were not those that were announced.</summary>
    Damaged,

    /// <summary>Credentials are wrong, expired, or do not allow this.</summary>
    Denied,

    /// <summary>There is no such bucket, or it lives elsewhere.</summary>
    NoBucket,
}

internal static class S3Faults
{
    /// <summary>Sorts a failure of a call.</summary>
    public static S3Fault Of(Exception failure) => failure switch
    {
        AmazonServiceException answer when answer.StatusCode != 0 => Of(answer),
        AmazonServiceException or HttpRequestException or IOException or TimeoutException => S3Fault.Transient,
        // The SDK's word for "no credentials found".
        AmazonClientException => failure.InnerException is HttpRequestException or IOException ? S3Fault.Transient : S3Fault.Denied,
        _ => S3Fault.Permanent,
    };

    /// <summary>True for what a call can throw; misuse and cancellation pass.</summary>
    public static bool IsFault(Exception failure) => failure is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException;

    /// <summary>The exception of the port, with what to look at.</summary>
    public static StoreUnavailableException Unavailable(string what, string bucket, Exception failure)
    {
        var code = failure is AmazonServiceException { ErrorCode.Length: > 0 } answer ? $"{(int)answer.StatusCode} {answer.ErrorCode}" : failure.GetType().Name;
        var check = Of(failure) switch
        {
            S3Fault.Denied when code.Contains("TimeTooSkewed", StringComparison.Ordinal) => "this machine's clock differs from the store's: set it",
            S3Fault.Denied => "the credentials are wrong, expired or not allowed to do this: check Vna:Storage:S3:AccessKey and SecretKey (or AWS's chain) and the bucket's policy",
            S3Fault.NoBucket => $"the bucket {bucket} does not exist at this endpoint or region: check Vna:Storage:S3:Bucket, Endpoint and Region",
            S3Fault.Transient => "the store is not reached, overloaded or too slow: check Vna:Storage:S3:Endpoint and the store's own health",
            S3Fault.Damaged => "bytes were damaged on their way: check the network and proxies before the store",
            _ => failure.Message,
        };
        return new StoreUnavailableException($"{what} failed ({code}): {check}.", failure);
    }

    private static S3Fault Of(AmazonServiceException answer) => (answer.StatusCode, answer.ErrorCode) switch
    {
        (_, "NoSuchBucket" or "PermanentRedirect" or "AuthorizationHeaderMalformed") => S3Fault.NoBucket,
        (_, "BadDigest" or "XAmzContentSHA256Mismatch" or "XAmzContentChecksumMismatch" or "InvalidDigest" or "IncompleteBody") => S3Fault.Damaged,
        (_, "RequestTimeout" or "InternalError" or "SlowDown" or "OperationAborted" or "ConditionalRequestConflict" or "ServiceUnavailable") => S3Fault.Transient,
        (HttpStatusCode.NotFound, _) => S3Fault.Missing,
        (HttpStatusCode.PreconditionFailed, _) => S3Fault.Taken,
        (HttpStatusCode.RequestedRangeNotSatisfiable, _) => S3Fault.OutOfRange,
        (HttpStatusCode.NotImplemented, _) => S3Fault.NotImplemented,
        (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, _) => S3Fault.Denied,
        (HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError, _) => S3Fault.Transient,
        (HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect, _) => S3Fault.NoBucket,
        // An answer of 2xx whose body tells of an error, or cannot be read at all.
        (< HttpStatusCode.MultipleChoices, _) => S3Fault.Transient,
        _ => S3Fault.Permanent,
    };
}
