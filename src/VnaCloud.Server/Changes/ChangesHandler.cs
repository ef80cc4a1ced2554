using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Changes;

/// <summary>Reads the feed, and waits: this process's commits wake it, those of other servers are looked for every second.</summary>
internal sealed class ChangesHandler(ArchiveHost archive, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int DefaultLimit = 100;

    private const int MaxLimit = 5_000;

    private const int MaxSeconds = 60;

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    public async Task<IResult> GetAsync(HttpContext context)
    {
        var after = context.Request.Query["after"];
        var position = after is [{ } cursor] ? ChangeCursor.Read(cursor) : null;
        if (after.Count > 0 && position is null)
        {
            return Problem.BadRequest("after is not a cursor of this feed; leave it out to begin.");
        }
        if (QueryNumber.Read(context.Request, "limit", DefaultLimit, 1, MaxLimit) is not { } limit
            || QueryNumber.Read(context.Request, "timeout", 0, 0, MaxSeconds) is not { } seconds)
        {
            return Problem.BadRequest($"limit is a number from 1 (at most {MaxLimit} are given), timeout a number of seconds (at most {MaxSeconds} are waited).");
        }
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var page = await WaitAsync(position, limit, time.GetUtcNow().AddSeconds(seconds), ends.Token);
        context.Response.Headers.CacheControl = "no-store";
        if (page.IsOtherEpoch)
        {
            var start = ChangeCursor.Write(new ChangePosition(page.Epoch, 0));
            return new Problem(StatusCodes.Status410Gone,
                $"The index was rebuilt or restored and the feed began anew: compare with a search of what there is, then go on after {start}.") { Next = start };
        }
        var next = new ChangePosition(page.Epoch, page.Changes is [.., var last] ? last.Sequence : position?.Sequence ?? 0);
        return Results.Json(new ChangesAnswer([.. page.Changes.Select(Entry)], ChangeCursor.Write(next)), ChangesJson.Default.ChangesAnswer);
    }

    private async Task<ChangePage> WaitAsync(ChangePosition? after, int limit, DateTimeOffset until, CancellationToken ends)
    {
        while (true)
        {
            // Taken before the look: what is committed after it wakes us.
            var next = archive.Changes.Next;
            var page = await archive.Upkeep.Upkeep.ChangesAsync(TenantId.Default, after, limit, CancellationToken.None);
            var left = until - time.GetUtcNow();
            if (page.IsOtherEpoch || page.Changes.Count > 0 || left <= TimeSpan.Zero || ends.IsCancellationRequested)
            {
                return page;
            }
            await next.WaitAsync(left < Poll ? left : Poll, time, ends).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static ChangeEntry Entry(Change change) => new(change.Sequence, change.Action switch
    {
        ChangeAction.Update => "update",
        ChangeAction.Delete => "delete",
        _ => "create",
    }, change.Key.StudyUid, change.Key.SeriesUid, change.Key.SopUid, change.At, change.Version);
}
