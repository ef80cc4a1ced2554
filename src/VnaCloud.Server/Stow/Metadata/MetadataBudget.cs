using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>Metadata that all requests together hold while their bulk data arrives; beside the places of <see cref="StowAdmission"/>, and as much (<c>Vna:Limits:IngestBufferBytes</c>).</summary>
internal sealed class MetadataBudget(VnaOptions options)
{
    private long _held;

    /// <summary>Counts bytes until they are given back.</summary>
    /// <exception cref="MetadataBudgetException">There is no room for them now.</exception>
    public void Take(int bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > options.Limits.IngestBufferBytes)
        {
            Interlocked.Add(ref _held, -bytes);
            throw new MetadataBudgetException();
        }
    }

    public void GiveBack(int bytes) => Interlocked.Add(ref _held, -bytes);
}

/// <summary>The client should come back later.</summary>
internal sealed class MetadataBudgetException() : Exception("Too many uploads with metadata are under way; try again.");
