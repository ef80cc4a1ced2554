using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>The frames of a resource that can be shown, in its order. Frames count from 0.</summary>
internal sealed class Shots
{
    /// <summary>Pictures of one answer.</summary>
    private const int Most = 10_000;

    /// <summary>What is to be done instead.</summary>
    public const string NoPresentationStates = "Presentation states are not applied here: retrieve the state as application/dicom and apply it, or ask for the images that it refers to as /rendered with window and viewport.";

    // Softcopy Presentation State Storage: grayscale, color, pseudo-color, blending and those after them (PS3.4 B.5).
    private const string PresentationStates = "1.2.840.10008.5.1.4.1.1.11.";

    private Shots(IReadOnlyList<(InstanceEntry Entry, int Frame)> all, bool isInstance, Problem? problem) => (All, IsInstance, Problem) = (all, isInstance, problem);

    public IReadOnlyList<(InstanceEntry Entry, int Frame)> All { get; }

    public Problem? Problem { get; }

    /// <summary>Several frames of one instance.</summary>
    public bool IsAnimation => IsInstance && All.Count > 1;

    /// <summary>What stands for all: of a study or series an image in the middle, which shows most; of an instance its first frame.</summary>
    public (InstanceEntry Entry, int Frame) Middle => IsInstance ? All[0] : All[All.Count / 2];

    public string Form => string.Join(',', All.Select(static shot => shot.Frame));

    private bool IsInstance { get; }

    /// <param name="target">What the URL names.</param>
    /// <param name="frames">From 1; null for all.</param>
    public static Shots Of(WadoTarget target, IReadOnlyList<int>? frames)
    {
        var isInstance = target.Level == QueryLevel.Instance;
        if (frames is not null && frames.Any(frame => frame > target.Instance.Frames.Count))
        {
            return None(Problem.NotFound($"The instance has {target.Instance.Frames.Count} frames."));
        }
        var images = target.View.Instances.Where(entry => !target.Damaged.Contains(entry) && IsImage(entry));
        var all = images.SelectMany(entry => (frames?.Select(static frame => frame - 1) ?? Enumerable.Range(0, isInstance ? entry.Frames.Count : 1)).Select(frame => (entry, frame)))
            .Take(Most + 1).ToList();
        return all.Count == 0 ? None(new Problem(isInstance ? StatusCodes.Status406NotAcceptable : StatusCodes.Status404NotFound,
                isInstance && target.Instance.Attributes.SopClassUid.StartsWith(PresentationStates, StringComparison.Ordinal) ? NoPresentationStates : "There is nothing in it that can be shown as a picture."))
            : all.Count > Most ? None(new Problem(StatusCodes.Status406NotAcceptable, $"There are more than {Most} pictures: ask for frames, or for a series."))
            : new Shots(all, isInstance, null);
    }

    /// <summary>Whether an instance has frames that may be shown.</summary>
    public static bool IsImage(InstanceEntry entry) =>
        entry.Frames.Layout is not (FrameLayout.None or FrameLayout.Unknown) && !TransferSyntax.Get(entry.Attributes.TransferSyntaxUid).IsVideo;

    private static Shots None(Problem problem) => new([], isInstance: false, problem);
}
