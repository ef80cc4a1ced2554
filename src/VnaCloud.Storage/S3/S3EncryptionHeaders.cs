using Amazon.S3;
using Amazon.S3.Model;

namespace VnaCloud.Storage;

/// <summary>Encryption's share of each request: asked for when an object is made; a customer's key comes with every request for its bytes.</summary>
internal sealed class S3EncryptionHeaders(S3Encryption encryption)
{
    private readonly string? _customerKey = encryption.Kind == S3EncryptionKind.CustomerKey ? encryption.Key : null;
    private readonly string? _serviceKey = encryption.Kind == S3EncryptionKind.KeyService ? encryption.Key : null;

    private ServerSideEncryptionMethod? Method => encryption.Kind switch
    {
        S3EncryptionKind.StoreKey => ServerSideEncryptionMethod.AES256,
        S3EncryptionKind.KeyService => ServerSideEncryptionMethod.AWSKMS,
        _ => null,
    };

    public void Apply(PutObjectRequest request)
    {
        (request.ServerSideEncryptionMethod, request.ServerSideEncryptionKeyManagementServiceKeyId) = (Method, _serviceKey);
        if (_customerKey is not null)
        {
            (request.ServerSideEncryptionCustomerMethod, request.ServerSideEncryptionCustomerProvidedKey) = (ServerSideEncryptionCustomerMethod.AES256, _customerKey);
        }
    }

    public void Apply(InitiateMultipartUploadRequest request)
    {
        (request.ServerSideEncryptionMethod, request.ServerSideEncryptionKeyManagementServiceKeyId) = (Method, _serviceKey);
        if (_customerKey is not null)
        {
            (request.ServerSideEncryptionCustomerMethod, request.ServerSideEncryptionCustomerProvidedKey) = (ServerSideEncryptionCustomerMethod.AES256, _customerKey);
        }
    }

    public void Apply(UploadPartRequest request)
    {
        if (_customerKey is not null)
        {
            (request.ServerSideEncryptionCustomerMethod, request.ServerSideEncryptionCustomerProvidedKey) = (ServerSideEncryptionCustomerMethod.AES256, _customerKey);
        }
    }

    public void Apply(GetObjectRequest request)
    {
        if (_customerKey is not null)
        {
            (request.ServerSideEncryptionCustomerMethod, request.ServerSideEncryptionCustomerProvidedKey) = (ServerSideEncryptionCustomerMethod.AES256, _customerKey);
        }
    }

    public void Apply(GetObjectMetadataRequest request)
    {
        if (_customerKey is not null)
        {
            (request.ServerSideEncryptionCustomerMethod, request.ServerSideEncryptionCustomerProvidedKey) = (ServerSideEncryptionCustomerMethod.AES256, _customerKey);
        }
    }

    /// <summary>True when what HEAD says of an object is what was asked for: stores may take the headers and ignore them.</summary>
    public bool Holds(GetObjectMetadataResponse head) => encryption.Kind switch
    {
        S3EncryptionKind.None => true,
        S3EncryptionKind.CustomerKey => head.ServerSideEncryptionCustomerMethod == ServerSideEncryptionCustomerMethod.AES256,
        _ => head.ServerSideEncryptionMethod == Method,
    };
}
