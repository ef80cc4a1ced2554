using System.Data.Common;
using System.Security.Cryptography;
using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>What every provider keeps of accesses, share links and keys.</summary>
public abstract class AccessContract
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Fact]
    public async Task Records_OfAPatient_AreThoseOfItsStudiesNewestFirst()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1), new StudyAttributes { PatientId = "P1", IssuerOfPatientId = "A" }));
        await harness.StoreAsync(Sample.Member(Sample.Key(2), new StudyAttributes { PatientId = "P2" }));
        await AppendAsync(harness, Record(harness, "read", "1.2.3.1"), Record(harness, "read", "1.2.3.2"), Record(harness, "search", ""));
        await AppendAsync(harness, Record(harness, "delete", "1.2.3.9") with { PatientId = "P1", Issuer = "A" });

        var records = await ReadAsync(harness, new AccessQuery { PatientId = "P1", Limit = 10 });

        Assert.Equal([("delete", "1.2.3.9", "A"), ("read", "1.2.3.1", "A")], records.Select(record => (record.Action, record.StudyUid, record.Issuer)));
        Assert.Empty(await ReadAsync(harness, new AccessQuery { PatientId = "P1", Issuer = "B", Limit = 10 }));
    }

    [Fact]
    public async Task Records_OfAStudyThatIsGone_HaveThePatientOfItsLastAccess()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1), new StudyAttributes { PatientId = "P1", IssuerOfPatientId = "A" }));
        await AppendAsync(harness, Record(harness, "store", "1.2.3.1"));
        await harness.DeleteAsync("1.2.3.1");
        await AppendAsync(harness, Record(harness, "read", "1.2.3.1"), Record(harness, "read", "1.2.3.9"));

        Assert.Equal([("", ""), ("P1", "A"), ("P1", "A")], (await ReadAsync(harness, new AccessQuery { Limit = 10 })).Select(record => (record.PatientId, record.Issuer)));
    }

    [Fact]
    public async Task Records_ByWhoTimeAndPage_AreThoseThatMatch()
    {
        await using var harness = await OpenAsync();
        var start = harness.Time.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            await AppendAsync(harness, Record(harness, $"a{i}", $"1.2.{i}") with { Who = i == 3 ? "bob" : "alice" });
            harness.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var newest = await ReadAsync(harness, new AccessQuery { Limit = 2 });
        var rest = await ReadAsync(harness, new AccessQuery { Limit = 10, Before = newest[^1].Id });
        var alices = await ReadAsync(harness, new AccessQuery { Limit = 10, Who = "alice", From = start.AddMinutes(1), To = start.AddMinutes(4) });
        var one = await ReadAsync(harness, new AccessQuery { Limit = 10, StudyUid = "1.2.2" });

        Assert.Equal(["a4", "a3"], newest.Select(record => record.Action));
        Assert.Equal(["a2", "a1", "a0"], rest.Select(record => record.Action));
        Assert.Equal(["a2", "a1"], alices.Select(record => record.Action));
        Assert.Equal(["a2"], one.Select(record => record.Action));
    }

    [Theory]
    [InlineData("UPDATE access_record SET who = 'nobody'")]
    [InlineData("DELETE FROM access_record")]
    public async Task Records_AreOnlyAppended(string sql)
    {
        await using var harness = await OpenAsync();
        await AppendAsync(harness, Record(harness, "read", "1.2"));

        var refused = await Assert.ThrowsAnyAsync<DbException>(() => harness.RunAsync(sql));

        Assert.Contains("only appended", refused.Message, StringComparison.Ordinal);
        Assert.Equal("alice", Assert.Single(await ReadAsync(harness, new AccessQuery { Limit = 10 })).Who);
    }

    [Fact]
    public async Task Records_WithStrangeText_ComeBack()
    {
        await using var harness = await OpenAsync();
        await AppendAsync(harness, Record(harness, "read", "1.2") with { Who = "o'neil\"; DROP TABLE study; --\u202E\0", PatientId = "ü" });

        var record = Assert.Single(await ReadAsync(harness, new AccessQuery { PatientId = "ü", Limit = 10 }));

        Assert.Equal("o'neil\"; DROP TABLE study; --\u202E\uFFFD", record.Who);
    }

    [Fact]
    public async Task Share_IsFoundByItsTokenAndItsId()
    {
        await using var harness = await OpenAsync();
        var link = await ShareAsync(harness, "1.2.1", "alice");
        await ShareAsync(harness, "1.2.2", "bob");

        Assert.Equal(link, await harness.Access.FindShareAsync(Sample.Tenant, link.Token, default));
        Assert.Equal(link, await harness.Access.FindShareAsync(Sample.Tenant, link.Id, default));
        Assert.Null(await harness.Access.FindShareAsync(Sample.Tenant, new Digest(1, 2), default));
        Assert.Equal([link], await harness.Access.SharesAsync(Sample.Tenant, null, "alice", 10, default));
        Assert.Equal(["1.2.2"], (await harness.Access.SharesAsync(Sample.Tenant, "1.2.2", null, 10, default)).Select(share => share.StudyUid));
        Assert.Equal(["1.2.2", "1.2.1"], (await harness.Access.SharesAsync(Sample.Tenant, null, null, 10, default)).Select(share => share.StudyUid));
    }

    [Fact]
    public async Task Share_Revoked_StaysSoWithWhoDidItFirst()
    {
        await using var harness = await OpenAsync();
        var link = await ShareAsync(harness, "1.2.1", "alice");
        var now = harness.Time.GetUtcNow();

        Assert.True(await harness.Access.RevokeShareAsync(Sample.Tenant, link.Id, now, "alice", default));
        Assert.False(await harness.Access.RevokeShareAsync(Sample.Tenant, link.Id, now.AddHours(1), "bob", default));

        var revoked = (await harness.Access.FindShareAsync(Sample.Tenant, link.Id, default))!;
        Assert.Equal((now, "alice", false, true), (revoked.RevokedAt, revoked.RevokedBy, revoked.IsOpenAt(now), link.IsOpenAt(now)));
        Assert.False(link.IsOpenAt(link.ExpiresAt));
    }

    [Fact]
    public async Task Passphrase_HasSoManyTriesWithinAWhile()
    {
        await using var harness = await OpenAsync();
        var link = await ShareAsync(harness, "1.2.1", "alice");
        var other = await ShareAsync(harness, "1.2.2", "alice");

        var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TryAsync(harness, link)));

        Assert.Equal(3, tries.Count(taken => taken));
        Assert.True(await TryAsync(harness, other));
        harness.Time.Advance(Quarter);
        Assert.True(await TryAsync(harness, link));
        await harness.Access.ForgiveAsync(Sample.Tenant, link.Id, default);
        Assert.Equal(3, (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TryAsync(harness, link)))).Count(taken => taken));
    }

    [Fact]
    public async Task Keys_ComeBack_TheFirstOfAName()
    {
        await using var harness = await OpenAsync();
        await harness.Access.AddKeyAsync("k1", "<key/>", default);
        await harness.Access.AddKeyAsync("k1", "<other/>", default);
        await harness.Access.AddKeyAsync("k2", "<second/>", default);

        Assert.Equal(["<key/>", "<second/>"], await harness.Access.KeysAsync(default));
    }

    private static Task<bool> TryAsync(IndexHarness harness, ShareLink link) =>
        harness.Access.TryPassphraseAsync(Sample.Tenant, link.Id, 3, Quarter, harness.Time.GetUtcNow(), default);

    private static Task AppendAsync(IndexHarness harness, params IReadOnlyList<AccessRecord> records) => harness.Access.AppendAsync(Sample.Tenant, records, default);

    private static Task<List<AccessRecord>> ReadAsync(IndexHarness harness, AccessQuery query) => harness.Access.RecordsAsync(Sample.Tenant, query, default);

    private static AccessRecord Record(IndexHarness harness, string action, string study) => new()
    {
        Id = Ulid.New(harness.Time.Tick()), Action = action, Outcome = "allowed", Who = "alice", Source = "127.0.0.1", StudyUid = study,
    };

    private static async Task<ShareLink> ShareAsync(IndexHarness harness, string study, string by)
    {
        var link = new ShareLink
        {
            Id = Ulid.New(harness.Time.Tick()), Token = Digest.Read(SHA256.HashData(RandomNumberGenerator.GetBytes(32))), StudyUid = study, IsWholePatient = true,
            PatientId = "P1", Issuer = "A", CreatedBy = by, ExpiresAt = harness.Time.GetUtcNow().AddDays(1), MayDownload = true, Note = "for Dr. Müller", Passphrase = "s$h",
            WrongSince = DateTimeOffset.UnixEpoch,
        };
        await harness.Access.AddShareAsync(Sample.Tenant, link, default);
        return link;
    }
}
