using System.Text.Json;
using System.Text.Json.Serialization;

namespace VnaCloud.Archive;

/// <summary>
/// archive.json at the root of the object store carries the id that the index carries too. Where they differ, one of them is
/// somebody else's, or was restored from another time: nothing is served or collected until `vna reindex` ran.
/// </summary>
public sealed record ArchiveIdentity(int Format, string ArchiveId, string TenantKey)
{
    /// <summary>Key of the object.</summary>
    public const string Key = "archive.json";

    /// <summary>Version of the object store's layout that this program writes.</summary>
    public const int CurrentFormat = 1;

    private const int MaxBytes = 4096;

    /// <summary>Reads it; null when the store has none.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a later version.</exception>
    public static async Task<ArchiveIdentity?> ReadAsync(IObjectStore store, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (await store.LengthAsync(Key, cancellation) is not { } length)
        {
            return null;
        }
        var bytes = new byte[Math.Min(length, MaxBytes)];
        await store.ReadAsync(Key, 0, bytes, cancellation);
        ArchiveIdentity? identity;
        try
        {
            identity = JsonSerializer.Deserialize(bytes, IdentityJson.Default.ArchiveIdentity);
        }
        catch (JsonException json)
        {
            throw new InvalidDataException($"{Key} in the object store is damaged. Restore it from a backup.", json);
        }
        return identity switch
        {
            { Format: <= CurrentFormat and > 0, ArchiveId.Length: > 0, TenantKey.Length: > 0 } => identity,
            { Format: > CurrentFormat } => throw new InvalidDataException($"The data folder has format {identity.Format}, this version reads up to {CurrentFormat}. Use the version that wrote it, or a later one."),
            _ => throw new InvalidDataException($"{Key} in the object store is damaged. Restore it from a backup."),
        };
    }

    /// <summary>Writes it into a new store.</summary>
    public async Task WriteAsync(IObjectStore store, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        await PutAsync(store, $"t/{TenantKey}/tenant.json", JsonSerializer.SerializeToUtf8Bytes(new TenantFile(1, "default"), IdentityJson.Default.TenantFile), cancellation);
        await PutAsync(store, Key, JsonSerializer.SerializeToUtf8Bytes(this, IdentityJson.Default.ArchiveIdentity), cancellation);
    }

    /// <summary>Says why an index and a store do not belong together; null when they do, and after a new pair was made one.</summary>
    public static async Task<string?> JoinAsync(IObjectStore store, IndexState index, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (index.IsRebuilding)
        {
            return "The index is being rebuilt, or a rebuild was stopped: run 'vna reindex' to its end.";
        }
        var identity = await ReadAsync(store, cancellation);
        if (identity is null)
        {
            if (index.Packs > 0)
            {
                return "The index has packs, but the object store is not this archive's: point Vna:Storage:Path at its data, or remove the index and run 'vna reindex'.";
            }
            await new ArchiveIdentity(CurrentFormat, index.ArchiveId, index.TenantKey).WriteAsync(store, cancellation);
            return null;
        }
        if (identity.ArchiveId != index.ArchiveId || identity.TenantKey != index.TenantKey)
        {
            return "The index belongs to another archive than the object store: stop the server and run 'vna reindex'.";
        }
        // An index of this id without packs is new: packs of requests that died before their commit are no reason to stop.
        return null;
    }

    private static async Task PutAsync(IObjectStore store, string key, byte[] bytes, CancellationToken cancellation)
    {
        await using var upload = await store.CreateAsync(key, cancellation);
        await upload.AppendAsync(bytes, cancellation);
        try
        {
            await upload.CompleteAsync(cancellation);
        }
        catch (ObjectExistsException) when (key != Key)
        {
            // A start that died between the two files is taken up again.
        }
    }
}

internal sealed record TenantFile(int Format, string Name);

[JsonSerializable(typeof(ArchiveIdentity))]
[JsonSerializable(typeof(TenantFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class IdentityJson : JsonSerializerContext;
