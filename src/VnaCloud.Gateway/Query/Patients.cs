using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Query;

/// <summary>
/// Patients out of studies: QIDO-RS has no patient level. Each patient is given when it is first seen; where the request asks for counts, after
/// the last study, when they are known.
/// </summary>
internal sealed class Patients(FindRequest request)
{
    /// <summary>Different patients in one answer, which are all remembered.</summary>
    public const int Most = 100_000;

    private static readonly DicomTag[] Counts = [DicomTags.NumberOfPatientRelatedStudies, DicomTags.NumberOfPatientRelatedSeries, DicomTags.NumberOfPatientRelatedInstances];

    private readonly Dictionary<(string Id, string Issuer), Patient> _seen = [];

    /// <summary>Whether the request asks for numbers that only the last study tells.</summary>
    private bool AsksForCounts => request.ReturnKeys.Any(key => Counts.Contains(key.Tag));

    /// <summary>Groups studies; what it gives has the attributes of the patient's first study.</summary>
    /// <exception cref="TooManyPatientsException">There are more than <see cref="Most"/>.</exception>
    public async IAsyncEnumerable<DicomDataSet> OfAsync(IAsyncEnumerable<DicomDataSet> studies)
    {
        await foreach (var study in studies)
        {
            var key = (study.String(DicomTags.PatientID), study.String(DicomTags.IssuerOfPatientID));
            if (!_seen.TryGetValue(key, out var patient))
            {
                if (_seen.Count == Most)
                {
                    throw new TooManyPatientsException();
                }
                _seen.Add(key, patient = new Patient(AsksForCounts ? study : null));
                if (!AsksForCounts)
                {
                    yield return study;
                }
            }
            patient.Count(study);
        }
        foreach (var patient in _seen.Values.Where(_ => AsksForCounts))
        {
            yield return patient.WithCounts();
        }
    }

    private sealed class Patient(DicomDataSet? first)
    {
        private long _studies;
        private long _series;
        private long _instances;

        public void Count(DicomDataSet study)
        {
            _studies++;
            _series += study.Integer(DicomTags.NumberOfStudyRelatedSeries) ?? 0;
            _instances += study.Integer(DicomTags.NumberOfStudyRelatedInstances) ?? 0;
        }

        public DicomDataSet WithCounts()
        {
            foreach (var (tag, count) in Counts.Zip([_studies, _series, _instances]))
            {
                first!.Set(tag, DicomVr.IS, count.ToString(CultureInfo.InvariantCulture));
            }
            return first!;
        }
    }
}

/// <summary>More patients match than are remembered: A700H, narrow the search.</summary>
internal sealed class TooManyPatientsException() : Exception($"More than {Patients.Most} patients match.");
