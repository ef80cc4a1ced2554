using System.Net;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>Senders that do not give up: each repeats a request until it is answered with success, by whatever server there is then.</summary>
internal sealed class StubbornStorm(int seed) : IDisposable
{
    private const int MaxAttempts = 600;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CurrentServer _server = new();
    private TaskCompletionSource _nextStored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unanswered;
    private int _refused;

    public StormModel Model { get; } = new();

    /// <summary>Requests whose connection ended without an answer, and were sent again.</summary>
    public int Unanswered => _unanswered;

    /// <summary>Requests that were answered with a failure of the server, and were sent again.</summary>
    public int Refused => _refused;

    /// <summary>Complete when the next request has been answered with success.</summary>
    public Task NextStored => Volatile.Read(ref _nextStored).Task;

    /// <summary>Instances in a request; they are three at most.</summary>
    public int AtLeast { get; init; } = 1;

    /// <summary>Side of a large image: packs of a megabyte and more are written in several steps.</summary>
    public ushort LargeSide { get; init; } = 760;

    /// <summary>The failure that may be answered; null for none.</summary>
    public HttpStatusCode? MayAnswer { get; init; }

    /// <summary>What to do between a refusal and the next attempt.</summary>
    public Func<Task> OnRefused { get; init; } = static () => Task.CompletedTask;

    /// <summary>From now on requests go to this server.</summary>
    public void Use(ServerProcess server) => Use(server.BaseUrl);

    /// <summary>From now on requests go to this address.</summary>
    public void Use(Uri server) => _server.Use(server);

    /// <summary>Stores new instances of two studies; complete when each was acknowledged.</summary>
    public Task SendAsync(int round, int senders, int requests, bool large = false) => Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
    {
        var random = new Random(unchecked((((seed * 397) + round) * 397) + sender));
        for (var request = 0; request < requests; request++)
        {
            var study = $"2.25.{seed}.{round}.{request % 2}";
            await StoreAsync(round, [.. Enumerable.Range(0, random.Next(AtLeast, 4)).Select(i => new StormInstance(
                study, $"{study}.{sender % 3}", $"2.25.{seed}.{round}.9.{sender}.{request}.{i}",
                large && i == 0 && request == 0 ? LargeSide : (ushort)random.Next(4, 48)))]);
        }
    })));

    /// <summary>Everything acknowledged in a round is there, whole, and nothing else: listed, counted and retrievable are one.</summary>
    public async Task<int> RequireAsync(Func<StormEntry, bool> which)
    {
        var found = await StormCheck.RunAsync(_server.Client, Model, which);
        Assert.All(Model.Entries, entry => Assert.True(entry.IsSettledAs(0), $"{entry}"));
        return found;
    }

    public void Dispose() => _server.Dispose();

    private async Task StoreAsync(int round, List<StormInstance> batch)
    {
        var files = batch.ConvertAll(instance => instance.File(0));
        var entries = batch.ConvertAll(instance => Model.Entry(instance, 0));
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                var status = (await _server.Client.StowAsync(files)).Status;
                if (status == HttpStatusCode.OK)
                {
                    entries.ForEach(entry => entry.Stored(round, 0));
                    Interlocked.Exchange(ref _nextStored, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                    return;
                }
                Assert.Equal(MayAnswer, status);
                Interlocked.Increment(ref _refused);
                await OnRefused();
            }
            catch (Exception gone) when (Connection.WasLost(gone))
            {
                Interlocked.Increment(ref _unanswered);
            }
            entries.ForEach(entry => entry.SentUnanswered(round, 0));
            await Task.Delay(Pause);
        }
        Assert.Fail($"{batch[0].Path} was not stored in {MaxAttempts} attempts.");
    }
}
