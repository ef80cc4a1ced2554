using System.Globalization;
using VnaCloud.DicomWeb;

namespace VnaCloud.Cli.Import;

/// <summary>Stores groups of files through a DICOMweb service, and tries again what may pass.</summary>
internal sealed class StowSender(DicomWebClient client, Uri service)
{
    private static readonly RetryPolicy Retry = new() { Attempts = 5, FirstPause = TimeSpan.FromSeconds(1) };

    /// <summary>One answer for each file. The files of a request have different SOP Instance UIDs, which the answer names.</summary>
    /// <exception cref="CommandException">The service does not answer.</exception>
    public async Task<IReadOnlyList<ImportAnswer>> StoreAsync(IReadOnlyList<ImportFile> files, CancellationToken cancellation)
    {
        // A file without a UID is named by nothing in the answer.
        var instances = files.Select((file, i) => OutgoingInstance.File(file.SopUid.Length > 0 ? file.SopUid : $"file {i}", file.Path, file.Length)).ToList();
        for (var attempt = 1; ; attempt++)
        {
            var result = await client.StoreAsync(instances, [], cancellation);
            if (result.IsSuccess)
            {
                return Answers(result.Value);
            }
            if (result.Error.IsTransient && attempt < Retry.Attempts)
            {
                await Task.Delay(Retry.Pause(attempt, result.Error.RetryAfter), cancellation);
                continue;
            }
            return result.Error.Fault is WebFault.Network or WebFault.Timeout
                ? throw new CommandException($"The server at {service.GetLeftPart(UriPartial.Authority)} does not answer ({result.Error.Message}); what it confirmed is stored, run the command again to go on.")
                : [.. files.Select(_ => new ImportAnswer(result.Error.Message))];
        }
    }

    private static ImportAnswer[] Answers(StowAnswer answer)
    {
        // Failures without a UID come in the order of the parts that caused them.
        var others = new Queue<InstanceOutcome>(answer.OtherFailures);
        return [.. answer.Outcomes.Select(outcome => outcome.State switch
        {
            StoreState.Stored => new ImportAnswer(null),
            StoreState.StoredWithWarning => new ImportAnswer(null, outcome.Comment.Length > 0 ? outcome.Comment : $"{outcome.Reason:X4}H"),
            StoreState.Failed => new ImportAnswer(Reason(outcome)),
            _ => new ImportAnswer(others.TryDequeue(out var other) ? Reason(other) : "The server's answer does not name it."),
        })];
    }

    private static string Reason(InstanceOutcome outcome) => string.Create(CultureInfo.InvariantCulture, $"{outcome.Reason:X4}H {outcome.Comment}");
}
