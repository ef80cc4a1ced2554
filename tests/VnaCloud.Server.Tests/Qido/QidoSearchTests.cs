using System.Net;
using VnaCloud.Archive;

namespace VnaCloud.Server.Tests.Qido;

/// <summary>Searches over HTTP against the real index: which results come.</summary>
public sealed class QidoSearchTests : IAsyncLifetime
{
    private QidoServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await QidoServer.BorrowAsync();
        await _server.StoreAsync(
            Make("1.1", 1, 1, "Doe^Jane", "20240101", "CT"), Make("1.1", 1, 2, "Doe^Jane", "20240101", "CT"), Make("1.1", 2, 1, "Doe^Jane", "20240101", "SR"),
            Make("1.2", 1, 1, "Yamada^Tarou=山田^太郎=やまだ^たろう", "20240315", "MR"),
            Make("1.3", 1, 1, "Müller^Jörg", "20231231", "CT"));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory, Trait("dicomweb", "68")]
    [InlineData("studies", 3)]
    [InlineData("series", 4)]
    [InlineData("instances", 5)]
    [InlineData("studies/1.1/series", 2)]
    [InlineData("studies/1.1/instances", 3)]
    [InlineData("studies/1.1/series/1.1.1/instances", 2)]
    [InlineData("studies/9.9/series", 0)]
    [InlineData("studies/1.2/series/1.1.1/instances", 0)]
    public async Task Resource_Searched_HasItsResultsAndTheirNumber(string path, int count)
    {
        Assert.Equal(count, (await _server.SearchAsync(path)).Length);
        Assert.Equal($"{count}", Assert.Single((await _server.SendAsync(path)).Headers.GetValues("X-Total-Count")));
    }

    [Theory]
    [Trait("dicomweb", "77"), Trait("dicomweb", "79"), Trait("dicomweb", "81"), Trait("dicomweb", "82"), Trait("dicomweb", "83"), Trait("dicomweb", "85"), Trait("dicomweb", "89")]
    [InlineData("", "1.2 1.1 1.3")]
    [InlineData("StudyDate=20240101", "1.1")]
    [InlineData("StudyDate=20240101-", "1.2 1.1")]
    [InlineData("StudyDate=-20240101", "1.1 1.3")]
    [InlineData("StudyDate=20240101-20240315", "1.2 1.1")]
    [InlineData("StudyDate=20240101-20240102&StudyTime=1000-1200", "1.1")]
    [InlineData("StudyDate=20240101-20240102&StudyTime=1100-1200", "")]
    [InlineData("StudyTime=1030", "1.2 1.1 1.3")]
    [InlineData("StudyTime=1031", "")]
    [InlineData("PatientName=Doe*", "1.1")]
    [InlineData("PatientName=doe%5Ejane", "1.1")]
    [InlineData("PatientName=Muller*", "1.3")]
    [InlineData("PatientName=%E5%B1%B1%E7%94%B0*", "1.2")]
    [InlineData("PatientName=%E3%82%84%E3%81%BE%E3%81%A0%5E*", "1.2")]
    [InlineData("fuzzymatching=true&PatientName=jan+do", "1.1")]
    [InlineData("fuzzymatching=true&PatientName=jan%2Cdo", "1.1")]
    [InlineData("fuzzymatching=true&PatientName=zzz", "")]
    [InlineData("PatientID=ID-1.1", "1.1")]
    [InlineData("PatientID=id-1.1", "")]
    [InlineData("PatientID=ID-1.?", "1.2 1.1 1.3")]
    [InlineData("StudyInstanceUID=1.1,1.3", "1.1 1.3")]
    [InlineData("ModalitiesInStudy=CT", "1.1 1.3")]
    [InlineData("ModalitiesInStudy=SR,MR", "1.2 1.1")]
    [InlineData("emptyvaluematching=true&AccessionNumber=%22%22", "1.2 1.1 1.3")]
    [InlineData("emptyvaluematching=true&PatientID=%22%22", "")]
    [InlineData("PatientID=*", "1.2 1.1 1.3")]
    public async Task Studies_Searched_AreThoseThatMatchNewestFirst(string query, string studies) =>
        Assert.Equal(studies, await _server.ValuesAsync($"studies?{query}", "0020000D"));

    [Theory, Trait("dicomweb", "87")]
    [InlineData("RequestAttributesSequence.ScheduledProcedureStepID=STEP-1.1.2", "1.1.2")]
    [InlineData("00400275.00401001=PROC-1.1.*", "1.1.1 1.1.2")]
    [InlineData("Modality=CT&PatientName=Doe*", "1.1.1")]
    [InlineData("SeriesNumber=2", "1.1.2")]
    public async Task Series_Searched_AreThoseThatMatch(string query, string series) =>
        Assert.Equal(series.Split(' '), (await _server.ValuesAsync($"series?{query}", "0020000E")).Split(' ').Order(StringComparer.Ordinal));

    [Theory, Trait("attack", "49")]
    [InlineData("'")]
    [InlineData("\";DROP TABLE study;--")]
    [InlineData("100%")]
    [InlineData("ID_1.1")]
    [InlineData("$$\\")]
    [InlineData("a\0b")]
    [InlineData("\uFFFF")]
    public async Task Value_WithSignificanceElsewhere_FindsNothing(string value)
    {
        Assert.Empty(await _server.SearchAsync("studies?PatientID=" + Uri.EscapeDataString(value)));
        Assert.Empty(await _server.SearchAsync("studies?PatientName=" + Uri.EscapeDataString(value)));
        Assert.Equal(3, (await _server.SearchAsync("studies")).Length);
    }

    [Fact, Trait("dicomweb", "98")]
    public async Task Counts_AfterStoreAndDelete_AreRight()
    {
        Assert.Equal("2", await _server.ValuesAsync("studies/?StudyInstanceUID=1.1", "00201206"));
        Assert.Equal("3", await _server.ValuesAsync("studies?StudyInstanceUID=1.1", "00201208"));
        Assert.Equal("2", await _server.ValuesAsync("studies/1.1/series?SeriesInstanceUID=1.1.1", "00201209"));

        Assert.Equal(1, await _server.DeleteAsync("1.1", "1.1.2"));

        Assert.Equal("1", await _server.ValuesAsync("studies?StudyInstanceUID=1.1", "00201206"));
        Assert.Equal("2", await _server.ValuesAsync("studies?StudyInstanceUID=1.1", "00201208"));
        Assert.Empty(await _server.SearchAsync("studies?ModalitiesInStudy=SR"));
        Assert.Equal(1, await _server.DeleteAsync("1.2"));
        Assert.Equal("1.1 1.3", await _server.ValuesAsync("studies", "0020000D"));
    }

    [Fact, Trait("dicomweb", "99")]
    public async Task Query_OfOhif_IsAnswered() =>
        Assert.Equal("Chest Chest Chest", await _server.ValuesAsync("studies?limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060", "00081030"));

    private static StoredInstance Make(string study, int series, int instance, string name, string date, string modality) =>
        new(study, $"{study}.{series}", $"{study}.{series}.{instance}")
        {
            InstanceNumber = $"{instance}",
            OfStudy = new() { PatientName = name, PatientId = $"ID-{study}", StudyDate = date, StudyTime = "103015.5", StudyDescription = "Chest" },
            OfSeries = new() { Modality = modality, SeriesNumber = $"{series}", Requests = [new("OTHER", "OTHER"), new($"STEP-{study}.{series}", $"PROC-{study}.{series}")] },
        };
}
