namespace VnaCloud.Archive;

/// <summary>
/// Puts small packs of quiet studies together and rewrites packs with many dead bytes. A new pack is read back as a whole before the
/// index refers to it; the old ones stay for readers that hold their locators. Killed anywhere it has changed nothing, or all.
/// </summary>
public sealed class Compactor(UpkeepArchive archive)
{
    /// <summary>After a failure the study is looked at again after this long.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromDays(1);

    private readonly PackMerger _merger = new(archive);
    private readonly UpkeepReport _report = new();
    private JournalState? _journal;

    /// <summary>Looks at every study that is due.</summary>
    /// <param name="progress">Called with the number of packs looked at.</param>
    /// <param name="cancellation">Stops between packs.</param>
    public async Task<UpkeepReport> RunAsync(Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (await new ArchivePosition(archive).WhyOffAsync(cancellation) is { } off)
        {
            _report.Off = off;
            return _report;
        }
        // A study that is touched again meanwhile waits for the next run: else a run might never end.
        var begun = (await archive.Upkeep.UpkeepAsync(0, cancellation)).Now;
        while (await archive.Upkeep.PacksAsync(new PackSelection.OfQuietStudy(archive.Options.Quiet), cancellation) is { Count: > 0 } packs && packs[0].TouchedAt <= begun)
        {
            cancellation.ThrowIfCancellationRequested();
            var again = await CompactAsync(packs, cancellation);
            await archive.Upkeep.ApplyAsync(new UpkeepChange.Examined(packs[0].Tenant, packs[0].StudyUid, packs[0].TouchedAt, again), cancellation);
            _report.Packs += packs.Count;
            progress(_report.Packs);
        }
        return _report;
    }

    // Gives when the study is to be looked at again.
    private async Task<DateTimeOffset?> CompactAsync(IReadOnlyList<IndexedPack> packs, CancellationToken cancellation)
    {
        var now = (await archive.Upkeep.UpkeepAsync(0, cancellation)).Now;
        var arrivals = await archive.Upkeep.ArrivalsAsync(packs[0].Tenant, packs[0].StudyUid, [], cancellation);
        try
        {
            var uses = await UsesAsync(packs, arrivals, now, cancellation);
            foreach (var group in CompactionPlan.Groups(uses, archive.Options, now))
            {
                if (!await CompactGroupAsync(group, cancellation))
                {
                    return now + RetryAfter;
                }
            }
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException)
        {
            _report.Add(FindingKind.Pack, packs[0].Key, $"The packs of a study were not compacted: {damage.Message}");
            return now + RetryAfter;
        }
        // As it is now: what was forgotten needs no other look.
        arrivals = await archive.Upkeep.ArrivalsAsync(packs[0].Tenant, packs[0].StudyUid, [], cancellation);
        return CompactionPlan.NextLook(arrivals, archive.Options, now);
    }

    private async Task<List<PackUse>> UsesAsync(IReadOnlyList<IndexedPack> packs, IReadOnlyList<IndexedArrival> arrivals, DateTimeOffset now, CancellationToken cancellation)
    {
        var byPack = arrivals.ToLookup(arrival => arrival.Entry.Data.PackKey);
        var elsewhere = arrivals.Where(arrival => arrival.Entry.Metadata.PackKey != arrival.Entry.Data.PackKey).Select(arrival => arrival.Entry.Metadata.PackKey).ToHashSet();
        var byInstance = arrivals.ToLookup(arrival => arrival.Entry.Key, arrival => arrival.Entry);
        var uses = new List<PackUse>();
        foreach (var pack in packs.Where(pack => !elsewhere.Contains(pack.Key)))
        {
            var held = byPack[pack.Key].ToList();
            // Without reading its manifest: large, and nothing in it was deleted or lost.
            if (pack.Length >= archive.Options.SmallBytes && held.TrueForAll(arrival => arrival.DeletedAt is null)
                && held.Sum(arrival => arrival.Entry.Data.Length) >= (1 - archive.Options.MaxDead) * pack.Length)
            {
                continue;
            }
            var contents = await PackReader.ReadAsync(archive.Store, pack.Key, pack.Tenant, cancellation);
            if (await UndecidedAsync(contents, byInstance, cancellation) is { } undecided)
            {
                _report.Add(new Finding(FindingKind.Conflict, pack.Key, PackFormat.MemberName(undecided.Entry.Key, 0, taken: false),
                    "The index has another instance with its UIDs and nobody decided between them: its pack is not compacted."));
                continue;
            }
            var forgotten = held.FindAll(arrival => arrival.DeletedAt + archive.Options.Grace <= now);
            uses.Add(new PackUse(pack, contents, Kept(contents, held.Except(forgotten)), forgotten));
        }
        return uses;
    }

    // Of two arrivals that contradict each other a rebuilt index has one; the other is in no row, and in its pack alone.
    private async Task<PackMember?> UndecidedAsync(PackContents contents, ILookup<InstanceKey, InstanceEntry> known, CancellationToken cancellation)
    {
        var contradicting = contents.Commit.Members.Where(member => known[member.Entry.Key].Any()
            && known[member.Entry.Key].All(other => other.Origin != member.Entry.Origin && other.ContentDigest != member.Entry.ContentDigest)).ToList();
        PackMember? First() => contradicting.Find(member => _journal?.Of(member.Entry.Origin) is not { Kind: DecisionKind.Void or DecisionKind.Delete });
        if (First() is not null)
        {
            // Decided since it was read, perhaps.
            await archive.Journal.FlushAsync(contents.Commit.Tenant, cancellation);
            _journal = await JournalReader.ReadWholeAsync(archive.Store, archive.TenantKey, cancellation);
        }
        return First();
    }

    private static List<PackMember> Kept(PackContents contents, IEnumerable<IndexedArrival> arrivals)
    {
        var members = contents.Commit.Members.ToDictionary(member => member.Entry.Origin);
        var kept = new List<PackMember>();
        foreach (var (entry, _) in arrivals)
        {
            if (!members.TryGetValue(entry.Origin, out var member) || member.Entry.FileDigest != entry.FileDigest || member.Entry.Data != entry.Data)
            {
                throw new InvalidDataException("The index's row does not agree with the pack's manifest.");
            }
            // A correction may have moved the metadata elsewhere: what the index says is copied.
            kept.Add(member with { Entry = member.Entry with { Metadata = entry.Metadata } });
        }
        return kept;
    }

    private async Task<bool> CompactGroupAsync(List<PackUse> group, CancellationToken cancellation)
    {
        PackCommit? into = null;
        if (group.Exists(pack => pack.Kept.Count > 0))
        {
            into = await _merger.MergeAsync(group, cancellation);
            await archive.OnStep(UpkeepStep.Written, into.PackKey);
            if (!await IsSoundAsync(into, cancellation))
            {
                return false;
            }
            await archive.OnStep(UpkeepStep.Verified, into.PackKey);
        }
        if (group.Exists(pack => pack.Forgotten.Count > 0))
        {
            // Without its row the journal alone says of an instance that it was deleted, wherever a pack with it is found.
            await archive.Journal.FlushAsync(group[0].Indexed.Tenant, cancellation);
        }
        var swapped = await archive.Upkeep.ApplyAsync(new UpkeepChange.PackSwap
        {
            Tenant = group[0].Indexed.Tenant,
            StudyUid = group[0].Indexed.StudyUid,
            Into = into,
            From = group.ConvertAll(pack => pack.Indexed.Key),
            Forgotten = [.. group.SelectMany(pack => pack.Forgotten)],
            Retired = group.ConvertAll(pack => pack.Indexed.Key),
            Keep = archive.Options.KeepRetired,
        }, cancellation);
        if (swapped)
        {
            await archive.OnStep(UpkeepStep.Swapped, into?.PackKey ?? "");
            _report.Written += into is null ? 0 : 1;
            _report.Bytes += into?.PackLength ?? 0;
            UpkeepMeter.PacksCompacted.Add(group.Count);
            UpkeepMeter.BytesCompacted.Add(into?.PackLength ?? 0);
        }
        // Refused: the study changed meanwhile and is due again by itself; the new pack is nobody's and is collected.
        return true;
    }

    // Every byte of the new pack as the store gives it back. On a mismatch it stays unreferenced, the old packs stay.
    private async Task<bool> IsSoundAsync(PackCommit written, CancellationToken cancellation)
    {
        var verified = new VerifyReport();
        var contents = await new PackVerifier(archive.Paced(), verified, 1).CheckAsync(written.PackKey, cancellation);
        foreach (var finding in verified.Findings)
        {
            _report.Add(finding with { Text = $"A compacted pack was refused: {finding.Text}" });
        }
        if (verified.FindingCount > 0 || contents is null)
        {
            return false;
        }
        var same = contents.Commit.Members.Select(member => (member.Entry.Origin, member.Entry.FileDigest, member.Entry.Data))
            .SequenceEqual(written.Members.Select(member => (member.Entry.Origin, member.Entry.FileDigest, member.Entry.Data)));
        if (!same)
        {
            _report.Add(FindingKind.Pack, written.PackKey, "A compacted pack was refused: it does not hold what was written into it.");
        }
        return same;
    }
}
