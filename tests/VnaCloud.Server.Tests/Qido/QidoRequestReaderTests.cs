using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Qido;

namespace VnaCloud.Server.Tests.Qido;

/// <summary>What a search URL means, and what is wrong with it (PS3.18 8.3.4, PS3.4 C.2.2.2).</summary>
public sealed class QidoRequestReaderTests
{
    [Fact, Trait("dicomweb", "77")]
    public void Attribute_EveryKeyOfTheStandard_CanBeSearched()
    {
        string[] keys =
        [
            "StudyDate=20200101", "StudyTime=10", "AccessionNumber=A", "ModalitiesInStudy=CT", "ReferringPhysicianName=A", "PatientName=A", "PatientID=A",
            "StudyInstanceUID=1.2", "StudyID=A", "Modality=CT", "SeriesInstanceUID=1.2", "SeriesNumber=1", "PerformedProcedureStepStartDate=20200101",
            "PerformedProcedureStepStartTime=10", "RequestAttributesSequence.ScheduledProcedureStepID=A", "RequestAttributesSequence.RequestedProcedureID=A",
            "SOPClassUID=1.2", "SOPInstanceUID=1.2", "InstanceNumber=1",
        ];

        var request = Read(string.Join('&', keys));

        Assert.Equal(keys.Length, request.Criteria.Count);
        Assert.Equal(keys.Length, request.Matched.Count);
    }

    [Theory, Trait("dicomweb", "78")]
    [InlineData("PatientID=x")]
    [InlineData("00100020=x")]
    public void Attribute_ByKeywordOrTag_IsTheSame(string query) =>
        Assert.Equal([new Criterion(DicomTags.PatientID, new Match.AnyOf(["x"]))], Read(query).Criteria, Equal);

    [Fact, Trait("dicomweb", "78")]
    public void Attribute_TagInAnyCase_IsTheSame() =>
        Assert.Equal(Read("0020000D=1.2").Criteria, Read("0020000d=1.2").Criteria, Equal);

    [Theory, Trait("dicomweb", "79")]
    [InlineData("20200131-20200201", "20200131", "20200201")]
    [InlineData("20200131-", "20200131", null)]
    [InlineData("-20200131", null, "20200131")]
    public void Date_Range_IsReadWithOpenEnds(string value, string? from, string? to) =>
        Assert.Equal(new Match.Range(from, to), Single($"StudyDate={value}"));

    [Fact, Trait("dicomweb", "79")]
    public void Date_Single_IsExact() => Assert.Equal(["20240229"], Assert.IsType<Match.AnyOf>(Single("StudyDate=20240229")).Values);

    [Theory, Trait("dicomweb", "79")]
    [InlineData("10", "10", "10")]
    [InlineData("1030-", "1030", null)]
    [InlineData("103000.5-110000.000001", "103000.5", "110000.000001")]
    [InlineData("-235960", null, "235960")]
    public void Time_WholeOrCut_IsARange(string value, string? from, string? to) =>
        Assert.Equal(new Match.Range(from, to), Single($"StudyTime={value}"));

    [Fact, Trait("dicomweb", "79")]
    public void DateAndTime_RangesOfOneForm_AreOneRangeOfMoments() =>
        Assert.Equal(new Match.Combined(DicomTags.StudyTime, "202007052200", "202007060600"), Single("StudyDate=20200705-20200706&StudyTime=2200-0600"));

    [Theory, Trait("dicomweb", "79")]
    [InlineData("StudyDate=20200705&StudyTime=1000-1800")]
    [InlineData("StudyDate=20200705-&StudyTime=1000-1800")]
    [InlineData("StudyDate=20200705-20200707&StudyTime=10")]
    public void DateAndTime_OfDifferentForms_MatchEachByItself(string query) => Assert.Equal(2, Read(query).Criteria.Count);

    [Theory, Trait("dicomweb", "79"), Trait("attack", "55")]
    [InlineData("StudyDate=-")]
    [InlineData("StudyDate=99999999-")]
    [InlineData("StudyDate=20230229")]
    [InlineData("StudyDate=2020")]
    [InlineData("StudyDate=2020*")]
    [InlineData("StudyDate=20200201-20200101")]
    [InlineData("StudyDate=20200101-20200102-20200103")]
    [InlineData("StudyTime=24")]
    [InlineData("StudyTime=1060")]
    [InlineData("StudyTime=1030.5")]
    [InlineData("StudyTime=103000.1234567")]
    [InlineData("StudyTime=2200-0600")]
    [InlineData("StudyDate=20200706-20200706&StudyTime=2200-0600")]
    public void DateOrTime_ThatIsNone_IsRefused(string query) => Assert.Contains("Study", Faults(query), StringComparison.Ordinal);

    [Theory, Trait("dicomweb", "80")]
    [InlineData("1.2,1.3")]
    [InlineData("1.2%5C1.3")]
    [InlineData("1.2\\1.3,")]
    [InlineData("1.2%2C%201.3")]
    public void Uid_List_ByCommaOrBackslash(string value) =>
        Assert.Equal(["1.2", "1.3"], Assert.IsType<Match.AnyOf>(Single($"StudyInstanceUID={value}")).Values);

    [Theory, Trait("dicomweb", "80")]
    [InlineData("1.2.*")]
    [InlineData("1..2")]
    [InlineData("1.2/../3")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void Uid_ThatIsNone_IsRefused(string value) => Assert.Contains("StudyInstanceUID is not a UID", Faults($"StudyInstanceUID={value}"), StringComparison.Ordinal);

    [Theory, Trait("dicomweb", "81")]
    [InlineData("AccessionNumber=A*", "A*")]
    [InlineData("PatientID=?1", "?1")]
    [InlineData("Modality=C?", "C?")]
    public void Text_WithWildcards_IsAPattern(string query, string pattern) => Assert.Equal(new Match.Wildcard(pattern), Single(query));

    [Theory, Trait("dicomweb", "81"), Trait("dicomweb", "88")]
    [InlineData("PatientID=*")]
    [InlineData("PatientID=**")]
    [InlineData("PatientID=")]
    [InlineData("PatientID")]
    [InlineData("PatientName=*")]
    [InlineData("StudyDate=")]
    [InlineData("StudyDate=*")]
    [InlineData("StudyInstanceUID=")]
    public void Value_EmptyOrStar_IsUniversalAndReturned(string query)
    {
        var request = Read(query);

        Assert.Empty(request.Criteria);
        Assert.Single(request.Matched);
    }

    [Fact, Trait("dicomweb", "82"), Trait("dicomweb", "84"), Trait("dicomweb", "85")]
    public void Name_FuzzyOrNot_IsANameMatch()
    {
        Assert.Equal(new Match.Name("Doe^J*", Fuzzy: false), Single("PatientName=Doe%5EJ*"));
        Assert.Equal(new Match.Name("Doe, J", Fuzzy: true), Single("fuzzymatching=true&PatientName=Doe%2C+J"));
    }

    [Fact, Trait("dicomweb", "86")]
    public void EmptyValue_OnlyWithItsParameter_MatchesAbsence()
    {
        Assert.IsType<Match.Empty>(Single("emptyvaluematching=true&PatientID=%22%22"));
        Assert.IsType<Match.Empty>(Single("emptyvaluematching=true&StudyDate=%22%22"));
        Assert.Equal(["\"\""], Assert.IsType<Match.AnyOf>(Single("PatientID=%22%22")).Values);
    }

    [Fact, Trait("dicomweb", "86")]
    public void MultipleValues_OnlyWithTheirParameter_AreAList()
    {
        Assert.Equal(["a", "b"], Assert.IsType<Match.AnyOf>(Single("multiplevaluematching=true&PatientID=a,b")).Values);
        Assert.Equal(["a,b"], Assert.IsType<Match.AnyOf>(Single("PatientID=a,b")).Values);
    }

    [Theory, Trait("dicomweb", "87")]
    [InlineData("RequestAttributesSequence.ScheduledProcedureStepID=S1")]
    [InlineData("00400275.00400009=S1")]
    [InlineData("00400275.ScheduledProcedureStepID=S1")]
    public void Attribute_OfASequence_IsNamedByItsPath(string query) =>
        Assert.Equal([new Criterion(DicomTags.ScheduledProcedureStepID, new Match.AnyOf(["S1"]))], Read(query).Criteria, Equal);

    [Theory, Trait("dicomweb", "89")]
    [InlineData("CT", "CT")]
    [InlineData("CT,MR", "CT MR")]
    [InlineData("CT%5CMR", "CT MR")]
    public void Modalities_OneOrSeveral_MatchAny(string value, string expected) =>
        Assert.Equal(expected.Split(' '), Assert.IsType<Match.AnyOf>(Single($"ModalitiesInStudy={value}")).Values);

    [Theory, Trait("dicomweb", "91")]
    [InlineData("", 100, 0)]
    [InlineData("limit=7&offset=3", 7, 3)]
    [InlineData("limit=2147483648", 5000, 0)]
    [InlineData("limit=0", 0, 0)]
    public void Page_LimitAndOffset_AreReadAndCut(string query, int limit, int offset)
    {
        var request = Read(query);

        Assert.Equal((limit, offset), (request.Limit, request.Position));
    }

    [Theory, Trait("dicomweb", "91"), Trait("attack", "52")]
    [InlineData("limit=-1")]
    [InlineData("limit=abc")]
    [InlineData("limit=1.5")]
    [InlineData("limit=")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("offset=-1")]
    [InlineData("offset=1000000000000")]
    [InlineData("offset=1&cursor=1.x")]
    [InlineData("cursor=x")]
    [InlineData("limit=1&limit=2")]
    [InlineData("fuzzymatching=maybe")]
    public void Control_WithABadValue_IsRefused(string query) => Assert.NotEmpty(Faults(query));

    [Fact, Trait("dicomweb", "97")]
    public void Cursor_OfALink_IsPositionAndKey()
    {
        var request = Read("cursor=100.abc.def");

        Assert.Equal((100, "abc.def"), (request.Position, request.Cursor));
    }

    [Fact, Trait("dicomweb", "100")]
    public void Attribute_Unknown_IsNamedInTheFault()
    {
        Assert.Contains("NoSuchThing is not", Faults("NoSuchThing=1"), StringComparison.Ordinal);
        Assert.Contains("01020304 is not", Faults("01020304=1"), StringComparison.Ordinal);
    }

    [Theory, Trait("attack", "53")]
    [InlineData("StudyComments=x")]
    [InlineData("00091010=x")]
    [InlineData("ScheduledProcedureStepID=x")]
    [InlineData("ReferencedStudySequence.StudyDate=20200101")]
    [InlineData("RequestAttributesSequence=x")]
    public void Attribute_KnownButNotIndexed_IsRefusedWithWhatCanBeSearched(string query) =>
        Assert.Contains("RequestAttributesSequence.ScheduledProcedureStepID", Faults(query), StringComparison.Ordinal);

    [Theory, Trait("attack", "53")]
    [InlineData("PatientID=1&PatientID=2")]
    [InlineData("PatientID=1&00100020=2")]
    public void Attribute_Twice_IsRefused(string query) => Assert.Contains("twice", Faults(query), StringComparison.Ordinal);

    [Fact, Trait("attack", "53")]
    public void Parameters_TooManyOrTooDeep_AreRefused()
    {
        Assert.Contains("more than 100 parameters", Faults(string.Join('&', Enumerable.Repeat("accept=x", 500))), StringComparison.Ordinal);
        Assert.NotEmpty(Faults(string.Join('.', Enumerable.Repeat("RequestAttributesSequence", 50)) + "=1"));
        Assert.Contains("too long", Faults("PatientID=" + new string('x', 1025)), StringComparison.Ordinal);
        Assert.Contains("more than 250", Faults("StudyInstanceUID=" + string.Join(',', Enumerable.Repeat("1.2", 251))), StringComparison.Ordinal);
        Assert.Contains("more than 250", Faults("includefield=" + string.Join(',', Enumerable.Repeat("PatientID", 251))), StringComparison.Ordinal);
    }

    [Theory, Trait("attack", "50")]
    [InlineData("PatientID", "*********")]
    [InlineData("PatientName", "?????????")]
    [InlineData("PatientName", "*a*b*c*d*e*f*g*h*i")]
    [InlineData("AccessionNumber", "a*********")]
    public void Wildcards_TooMany_AreRefused(string attribute, string value) =>
        Assert.Contains("more than 8 wildcards", Faults($"{attribute}={value}"), StringComparison.Ordinal);

    [Theory, Trait("attack", "49")]
    [InlineData("';DROP TABLE study;--")]
    [InlineData("100%_$$\\x")]
    [InlineData("\uFFFF")]
    [InlineData("a\0b")]
    [InlineData("a\r\nb")]
    public void Value_WithSignificanceElsewhere_IsALiteral(string value) =>
        Assert.Equal([value.Replace('\0', '\uFFFD')], Assert.IsType<Match.AnyOf>(Single("PatientID=" + Uri.EscapeDataString(value))).Values);

    [Fact, Trait("dicomweb", "103")]
    public void Value_PercentEncodedUtf8_IsDecoded()
    {
        Assert.Equal(new Match.Name("Yamada^Tarou=山田^太郎=", Fuzzy: false), Single("PatientName=Yamada%5ETarou%3D%E5%B1%B1%E7%94%B0%5E%E5%A4%AA%E9%83%8E%3D"));
        Assert.Equal(["two words"], Assert.IsType<Match.AnyOf>(Single("StudyDescription=two+words")).Values);
        Assert.Equal(new Match.Name("Doe^Jane=x", Fuzzy: false), Single("PatientName=Doe^Jane=x"));
    }

    [Fact, Trait("attack", "45")]
    public void Name_NotOfAnAttribute_IsNotRepeated()
    {
        var faults = Faults("%3Cscript%3E%0D%0A=1");

        Assert.DoesNotContain('<', faults);
        Assert.DoesNotContain('\n', faults);
    }

    [Fact, Trait("dicomweb", "20")]
    public void Parameters_OfNegotiation_AreNotAttributes() => Assert.Empty(Read("accept=application/dicom%2Bjson&charset=utf-8").Matched);

    [Fact, Trait("dicomweb", "74")]
    public void IncludeField_InEveryForm_IsRead()
    {
        var request = Read("includefield=PatientAge,00081030&includefield=RequestAttributesSequence.00400009&includefield=%20StudyComments");

        Assert.Equal([DicomTags.PatientAge, DicomTags.StudyDescription, DicomTags.RequestAttributesSequence, DicomTags.StudyComments], request.Included.Tags);
        Assert.False(request.Included[DicomTags.RequestAttributesSequence]!.Whole);
        Assert.False(request.IncludesAll);
        Assert.True(Read("includefield=all").IncludesAll);
    }

    [Fact, Trait("dicomweb", "100")]
    public void IncludeField_Unknown_IsOnlyRemarked() =>
        Assert.Equal(["Nonsense", "(not a keyword or tag)"], Read("includefield=Nonsense,%0D%0ASet-Cookie,PatientID").UnknownIncludes);

    [Fact, Trait("dicomweb", "99")]
    public void Query_OfOhif_IsRead()
    {
        var request = Read("limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060");

        Assert.Equal((101, 0, 0), (request.Limit, request.Position, request.Criteria.Count));
    }

    [Theory, Trait("dicomweb", "17")]
    [InlineData("1.2.a")]
    [InlineData("..")]
    public void Path_WithWhatIsNoUid_IsRefused(string study) =>
        Assert.Contains("path", QidoRequestReader.Read(new QidoResource(QueryLevel.Series, study), "", new LimitOptions()).Faults, StringComparison.Ordinal);

    [Fact]
    public void Faults_Several_AreAllNamed()
    {
        var faults = Faults("StudyDate=x&limit=y&Nonsense=z");

        Assert.Contains("StudyDate", faults, StringComparison.Ordinal);
        Assert.Contains("limit", faults, StringComparison.Ordinal);
        Assert.Contains("Nonsense", faults, StringComparison.Ordinal);
    }

    private static QidoRequest Read(string query)
    {
        var (request, faults) = QidoRequestReader.Read(new QidoResource(QueryLevel.Study), "?" + query, new LimitOptions());
        Assert.Null(faults);
        return request!;
    }

    private static Match Single(string query) => Assert.Single(Read(query).Criteria).Match;

    private static string Faults(string query)
    {
        var (request, faults) = QidoRequestReader.Read(new QidoResource(QueryLevel.Study), "?" + query, new LimitOptions());
        Assert.Null(request);
        return faults!;
    }

    private static bool Equal(Criterion left, Criterion right) =>
        left.Attribute == right.Attribute && ((Match.AnyOf)left.Match).Values.SequenceEqual(((Match.AnyOf)right.Match).Values);
}
