using VnaCloud.Dicom;

namespace VnaCloud.DicomWeb;

/// <summary>A study, a series of it or an instance of that, as PS3.18 section 10.1 names them in URLs.</summary>
public sealed record DicomPath
{
    /// <summary>A resource by its UIDs.</summary>
    /// <exception cref="ArgumentException">One of them is not a UID, and so must not get into a URL.</exception>
    public DicomPath(string study, string? series = null, string? instance = null)
    {
        foreach (var uid in new[] { study, series ?? study, instance ?? study })
        {
            if (!DicomUid.IsTolerated(uid))
            {
                throw new ArgumentException("A study, series or instance is named by a UID.");
            }
        }
        if (instance is not null && series is null)
        {
            throw new ArgumentException("An instance is named with its series.", nameof(series));
        }
        (Study, Series, Instance) = (study, series, instance);
    }

    /// <summary>Study Instance UID.</summary>
    public string Study { get; }

    /// <summary>Series Instance UID.</summary>
    public string? Series { get; }

    /// <summary>SOP Instance UID.</summary>
    public string? Instance { get; }

    /// <summary>Relative to the service, for example <c>studies/1.2/series/1.3</c>.</summary>
    public override string ToString() =>
        $"studies/{Study}{(Series is null ? "" : $"/series/{Series}")}{(Instance is null ? "" : $"/instances/{Instance}")}";
}
