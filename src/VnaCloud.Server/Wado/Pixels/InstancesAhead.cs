using System.IO.Pipelines;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>
/// Instances of one answer whose first frame is made before the answer begins, as many as may be held: what fails among them is left out, and
/// the status can say so. What fails later ends the connection, since an answer that says 200 and lacks an instance would be a lie.
/// </summary>
internal sealed class InstancesAhead(Transcoder transcoder)
{
    /// <summary>Bytes that an answer holds so; 4 MiB, eight frames of CT.</summary>
    private const long MostBytes = 4 << 20;

    private readonly Dictionary<InstanceEntry, TranscodedInstance> _made = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<InstanceEntry, Exception> _failed = new(ReferenceEqualityComparer.Instance);
    private long _held;

    /// <summary>Why the first that failed did.</summary>
    public Exception? Failure { get; private set; }

    public bool HasFailed(InstanceEntry entry) => _failed.ContainsKey(entry);

    /// <summary>Makes them one after the other until enough are held; false where one more failed, so that others have to be chosen.</summary>
    public async Task<bool> MakeAsync(IObjectStore objects, IEnumerable<(InstanceEntry Entry, TransferSyntax Syntax)> wanted, CancellationToken cancellation)
    {
        var before = _failed.Count;
        foreach (var (entry, syntax) in wanted)
        {
            if (_held >= MostBytes)
            {
                break;
            }
            if (_made.ContainsKey(entry))
            {
                continue;
            }
            try
            {
                var made = await transcoder.InstanceAsync(objects, entry, syntax, cancellation);
                _made.Add(entry, made);
                _held += made.HeldBytes;
            }
            catch (Exception failure) when (failure is ImageException or CodecCrashException)
            {
                _failed.Add(entry, failure);
                Failure ??= failure;
            }
        }
        return _failed.Count == before;
    }

    /// <summary>Writes the instance, now or made before.</summary>
    public async Task WriteAsync(IObjectStore objects, InstanceEntry entry, TransferSyntax syntax, PipeWriter output, CancellationToken cancellation)
    {
        if (!_made.Remove(entry, out var made))
        {
            made = await transcoder.InstanceAsync(objects, entry, syntax, cancellation);
        }
        await made.WriteAsync(output, cancellation);
    }
}
