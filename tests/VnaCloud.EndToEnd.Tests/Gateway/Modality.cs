using System.Globalization;
using System.Net;
using VnaCloud.Dicom;
using VnaCloud.Dimse;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>A device that stores by C-STORE until it is told to stop, whatever happens to its associations. What had no answer is sent again, as devices do.</summary>
internal sealed class Modality(SentObjects sent, IPEndPoint gateway, int number, int round)
{
    public const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    private const int OutOfResources = 0xA700;
    private static readonly TimeSpan BeforeAgain = TimeSpan.FromMilliseconds(20);

    private readonly Random _random = new(HashCode.Combine(number, round));
    private (SentObject Sent, byte[] File)? _unanswered;
    private int _made;

    /// <summary>Between two objects.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>C-STORE requests that never had an answer.</summary>
    public int Unanswered { get; private set; }

    /// <summary>C-STORE requests answered with A700H.</summary>
    public int Refused { get; private set; }

    /// <summary>Asks for an association in which CT images may be stored, and C-ECHO.</summary>
    public static Task<DimseAssociation> ConnectAsync(IPEndPoint gateway, string callingAe, params string[] more) => DimseAssociation.ConnectAsync(new DimseConnectOptions
    {
        Host = gateway.Address.ToString(),
        Port = gateway.Port,
        CalledAeTitle = "VNACLOUD",
        CallingAeTitle = callingAe,
        Contexts = DimseConnectOptions.Propose([.. new[] { CtStorage }.Concat(more).Select(uid => (uid, (IReadOnlyList<string>)[TransferSyntax.ExplicitVrLittleEndian.Uid]))]),
    });

    /// <summary>One C-STORE.</summary>
    public static async Task<DimseStatus> StoreAsync(DimseAssociation association, string sop, byte[] file)
    {
        var offset = (int)await SentObject.DataSetOffsetAsync(file);
        using var data = new MemoryStream(file, offset, file.Length - offset);
        return (await association.StoreAsync(association.FindContext(CtStorage)!, new StoreInstance(CtStorage, sop), data)).Status;
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var association = await ConnectAsync(gateway, string.Create(CultureInfo.InvariantCulture, $"MOD{number}"));
                for (var left = _random.Next(1, 40); left > 0 && !stop.IsCancellationRequested; left--)
                {
                    await StoreNextAsync(association);
                    await Task.Delay(Pause, CancellationToken.None);
                }
                await association.ReleaseAsync();
            }
            catch (AssociationException)
            {
                await Task.Delay(BeforeAgain, CancellationToken.None);
            }
        }
    }

    private async Task StoreNextAsync(DimseAssociation association)
    {
        var next = _unanswered ?? await sent.MakeAsync(_random, round, number, ++_made);
        _unanswered = next;
        DimseStatus status;
        try
        {
            status = await StoreAsync(association, next.Sent.Sop, next.File);
        }
        catch (AssociationException)
        {
            Unanswered++;
            throw;
        }
        Assert.True(status.Code is 0 or OutOfResources, $"{status}");
        if (status.IsSuccess)
        {
            sent.Acknowledge(next.Sent);
            _unanswered = null;
        }
        else
        {
            Refused++;
        }
    }
}

/// <summary>Several of them at once.</summary>
internal sealed class Modalities : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Modality[] _modalities;

    public Modalities(SentObjects sent, IPEndPoint gateway, int count, int round, TimeSpan pause = default)
    {
        _modalities = [.. Enumerable.Range(0, count).Select(number => new Modality(sent, gateway, number, round) { Pause = pause })];
        _running = Task.WhenAll(_modalities.Select(modality => Task.Run(() => modality.RunAsync(_stop.Token))));
    }

    public int Unanswered => _modalities.Sum(modality => modality.Unanswered);

    public int Refused => _modalities.Sum(modality => modality.Refused);

    /// <summary>Each ends what it is at.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
