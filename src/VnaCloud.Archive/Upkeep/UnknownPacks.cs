namespace VnaCloud.Archive;

/// <summary>What an index is, that does not know a pack.</summary>
internal enum IndexTrust
{
    /// <summary>It has all that was ever acknowledged: what it lacks was never answered for.</summary>
    Complete,

    /// <summary>It is older than the store: what it lacks is what was stored since.</summary>
    Older,
}

/// <summary>What a pack that the index does not refer to holds.</summary>
/// <param name="Pack">Its contents.</param>
internal sealed record UnknownPack(PackContents Pack)
{
    /// <summary>Members that the index lacks and should have.</summary>
    public List<PackMember> Lacking { get; } = [];

    /// <summary>Members that the journal says are deleted, and the index does not know at all.</summary>
    public List<(int Ordinal, Decision Decision)> Deleted { get; } = [];

    /// <summary>Members that the index looks for in packs that are gone, and those packs.</summary>
    public List<(PackMember Member, string From)> Moved { get; } = [];

    /// <summary>Members whose content the index has in another arrival alone, and that one's pack is gone.</summary>
    public List<(PackMember Member, IndexedArrival Lost)> Equal { get; } = [];

    /// <summary>Members that contradict the index and that nobody decided about.</summary>
    public List<PackMember> Conflicts { get; } = [];
}

/// <summary>Looks into packs that the index does not refer to, and takes in what the index lacks.</summary>
internal sealed class UnknownPacks(UpkeepArchive archive, IndexTrust trust, UpkeepReport report)
{
    private readonly Dictionary<string, bool> _exists = new(StringComparer.Ordinal);
    private JournalState? _journal;

    /// <summary>The journal, read once.</summary>
    public async Task<JournalState> JournalAsync(CancellationToken cancellation)
    {
        if (_journal is null)
        {
            _journal = await JournalReader.ReadWholeAsync(archive.Store, archive.TenantKey, cancellation);
            foreach (var (key, reason) in _journal.Damaged)
            {
                report.Add(FindingKind.Journal, key, reason);
            }
        }
        return _journal;
    }

    /// <summary>Keys of packs that the index neither refers to nor has retired, of those given; retired ones are added to <paramref name="retired"/>.</summary>
    public async Task<IReadOnlyList<string>> UnknownAsync(IReadOnlyList<string> keys, CancellationToken cancellation, List<IndexedPack>? retired = null)
    {
        var known = await archive.Upkeep.PacksAsync(new PackSelection.ByKeys(TenantId.Default, keys), cancellation);
        retired?.AddRange(known.Where(static pack => pack.NotBefore is not null));
        var named = known.Select(static pack => pack.Key).ToHashSet();
        return [.. keys.Where(key => !named.Contains(key))];
    }

    /// <summary>Null where the pack cannot be read: a finding, and it is kept. Null, too, where another server has just collected it.</summary>
    public Task<UnknownPack?> ExamineAsync(string key, CancellationToken cancellation) => ExamineAsync(key, ReadAsync(key, cancellation), cancellation);

    /// <summary>What a pack says of itself.</summary>
    public Task<PackContents> ReadAsync(string key, CancellationToken cancellation) => PackReader.ReadAsync(archive.Store, key, TenantId.Default, cancellation);

    /// <summary>As above, with a reading that is under way.</summary>
    public async Task<UnknownPack?> ExamineAsync(string key, Task<PackContents> reading, CancellationToken cancellation)
    {
        PackContents pack;
        try
        {
            pack = await reading;
        }
        catch (Exception damage) when (damage is InvalidDataException or TruncatedObjectException)
        {
            report.Add(FindingKind.Pack, key, damage.Message);
            return null;
        }
        catch (ObjectMissingException) when (trust == IndexTrust.Complete)
        {
            return null;
        }
        var examined = new UnknownPack(pack);
        var (study, members) = (pack.Commit.StudyUid, pack.Commit.Members);
        var arrivals = (await archive.Upkeep.ArrivalsAsync(pack.Commit.Tenant, study, [.. members.Select(member => member.Entry.Key).Distinct()], cancellation))
            .ToLookup(arrival => arrival.Entry.Key);
        for (var i = 0; i < members.Count; i++)
        {
            await SortAsync(examined, i, [.. arrivals[members[i].Entry.Key]], cancellation);
        }
        foreach (var conflict in examined.Conflicts)
        {
            report.Add(new Finding(FindingKind.Conflict, key, PackFormat.MemberName(conflict.Entry.Key, 0, taken: false),
                "No row names this pack, the journal does not speak of this instance, and the index has another with its UIDs: it is kept."));
        }
        return examined;
    }

    /// <summary>Commits what the index lacks and points it to what moved.</summary>
    public async Task TakeAsync(UnknownPack examined, CancellationToken cancellation)
    {
        var commit = examined.Pack.Commit;
        if (examined.Lacking.Count > 0)
        {
            await CommitAsync(commit with { Members = examined.Lacking, Adopting = true }, cancellation);
            await archive.Journal.FlushAsync(commit.Tenant, cancellation);
        }
        await MoveAsync(examined, cancellation);
    }

    /// <summary>As below, of a pack that was not looked into yet.</summary>
    public async Task MoveAsync(string key, CancellationToken cancellation)
    {
        if (await ExamineAsync(key, cancellation) is { } examined)
        {
            await MoveAsync(examined, cancellation);
        }
    }

    /// <summary>Points the index to what is in this pack, and in none any more that it refers to.</summary>
    public async Task MoveAsync(UnknownPack examined, CancellationToken cancellation)
    {
        var commit = examined.Pack.Commit;
        if (examined.Moved.Count > 0)
        {
            var swapped = await archive.Upkeep.ApplyAsync(new UpkeepChange.PackSwap
            {
                Tenant = commit.Tenant,
                StudyUid = commit.StudyUid,
                Into = commit with { Members = [.. examined.Moved.Select(moved => moved.Member)], Adopting = true },
                From = [.. examined.Moved.Select(moved => moved.From).Distinct()],
                Retired = [],
                Keep = archive.Options.KeepRetired,
            }, cancellation);
            Count(swapped ? examined.Moved.Count : 0);
        }
    }

    /// <summary>
    /// Serves what is in this pack in the stead of equal arrivals whose packs are gone: an index that was made anew since chose it, and
    /// collected the other.
    /// </summary>
    public async Task ReplaceAsync(UnknownPack examined, CancellationToken cancellation)
    {
        var commit = examined.Pack.Commit;
        foreach (var (member, lost) in examined.Equal)
        {
            if ((await JournalAsync(cancellation)).Of(member.Entry.Origin) is { Kind: DecisionKind.Void } decision)
            {
                await archive.Journal.AddAsync([decision.TakenBack() with { Key = member.Entry.Key }], cancellation);
            }
            var state = await archive.Upkeep.UpkeepAsync(0, cancellation);
            var gone = new Decision(state.LastDecision.After(), DecisionKind.Delete, lost.Entry.Key, lost.Entry.Origin, state.Now, "lost");
            await archive.Upkeep.ApplyAsync(new UpkeepChange.Replayed(commit.Tenant, [gone]), cancellation);
            await CommitAsync(commit with { Members = [member], Adopting = true }, cancellation);
        }
    }

    private async Task CommitAsync(PackCommit commit, CancellationToken cancellation)
    {
        var result = (await archive.Index.CommitAsync([commit], cancellation))[0];
        if (result.Refused is { } refused)
        {
            report.Add(FindingKind.Pack, commit.PackKey, refused);
        }
        Count(result.Outcomes.Count(outcome => outcome == MemberOutcome.Stored));
    }

    private void Count(int instances)
    {
        report.Adopted += instances;
        UpkeepMeter.Adopted.Add(instances);
    }

    private async Task SortAsync(UnknownPack examined, int ordinal, List<IndexedArrival> known, CancellationToken cancellation)
    {
        var member = examined.Pack.Commit.Members[ordinal];
        var entry = member.Entry;
        if (known.Find(arrival => arrival.Entry.Origin == entry.Origin) is { } same)
        {
            if (!await ExistsAsync(same.Entry.Data.PackKey, cancellation))
            {
                examined.Moved.Add((member, same.Entry.Data.PackKey));
            }
            return;
        }
        var live = known.Find(arrival => arrival.DeletedAt is null);
        if (await LostAsync(entry, live, known, cancellation) is { } lost)
        {
            examined.Equal.Add((member, lost));
            return;
        }
        if (trust == IndexTrust.Complete && live is not null && live.Entry.ContentDigest == entry.ContentDigest)
        {
            return;
        }
        // Sent once without an answer, sent again, and deleted since: nobody waits for the first.
        if (trust == IndexTrust.Complete && live is null && known.Exists(arrival => arrival.Entry.ContentDigest == entry.ContentDigest && arrival.DeletedAt > entry.Origin.Pack.Time))
        {
            return;
        }
        switch ((await JournalAsync(cancellation)).Of(entry.Origin))
        {
            case { Kind: DecisionKind.Void }:
                break;
            case { Kind: DecisionKind.Delete } decision:
                examined.Deleted.Add((ordinal, decision));
                break;
            case null when live is not null && live.Entry.ContentDigest != entry.ContentDigest:
                examined.Conflicts.Add(member);
                break;
            default:
                examined.Lacking.Add(member);
                break;
        }
    }

    // Of the same content, in a pack that is gone; where it is not live any more, a run was stopped while it replaced it.
    private async ValueTask<IndexedArrival?> LostAsync(InstanceEntry entry, IndexedArrival? live, List<IndexedArrival> known, CancellationToken cancellation)
    {
        var equal = live ?? (trust == IndexTrust.Older ? known.Find(arrival => arrival.Entry.ContentDigest == entry.ContentDigest) : null);
        if (equal is null || equal.Entry.ContentDigest != entry.ContentDigest || await ExistsAsync(equal.Entry.Data.PackKey, cancellation))
        {
            return null;
        }
        var journal = await JournalAsync(cancellation);
        return journal.Of(entry.Origin) is { Kind: DecisionKind.Delete } || (live is null && journal.Of(equal.Entry.Origin) is { Kind: DecisionKind.Delete }) ? null : equal;
    }

    private async ValueTask<bool> ExistsAsync(string key, CancellationToken cancellation)
    {
        if (!_exists.TryGetValue(key, out var exists))
        {
            _exists.Add(key, exists = await archive.Store.LengthAsync(key, cancellation) is not null);
        }
        return exists;
    }
}
