using VnaCloud.Dicom;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>Text in pictures. VNA_GALLERY names a folder for what is to be looked at.</summary>
public sealed class AnnotationRenderTests
{
    private const Annotations Both = Annotations.Patient | Annotations.Technique;

    [Theory]
    [InlineData(512, 512, 0)]
    [InlineData(512, 512, 255)]
    [InlineData(512, 512, 128)]
    [InlineData(2048, 2500, 255)]
    [InlineData(900, 1200, 0)]
    [InlineData(128, 128, 60)]
    [InlineData(64, 64, 200)]
    [InlineData(20, 20, 0)]
    [InlineData(1000, 60, 0)]
    public async Task Text_IsWhiteWithABlackOutline_AndNeverInTheMiddle(int width, int height, int grey)
    {
        var samples = new byte[width * height];
        Array.Fill(samples, (byte)grey);
        var picture = AnnotationPainter.Paint(new Picture(width, height, 1, samples), Both, Data(), 0, 1);
        await SaveAsync($"annotated-{width}x{height}-{grey}.png", picture);
        for (var y = height / 4; y < height - (height / 4); y++)
        {
            Assert.False(picture.Row(y).ContainsAnyExcept((byte)grey), $"row {y}");
        }
        var written = picture.Samples.ToArray();
        var isTooSmall = height < 4 * (BitmapFont.LineHeight + 2);
        Assert.Equal(!isTooSmall || grey == 255, written.Contains((byte)255));
        // Each white dot of a letter has black on all sides, whatever lies behind it.
        for (var i = 0; grey == 128 && i < written.Length; i++)
        {
            Assert.True(written[i] != 255 || new[] { i - 1, i + 1, i - width, i + width }.All(next => written[next] != 128), $"{i}");
        }
    }

    [Fact]
    public void Letters_OfLatin1AndLatinExtendedA_AreAllDrawn()
    {
        var box = BitmapFont.Write("□")[0];
        var seen = new Dictionary<ulong, char>();
        foreach (var letter in Enumerable.Range(0x20, 0x180 - 0x20).Select(static code => (char)code).Where(static letter => !char.IsControl(letter) && letter != '\u00AD'))
        {
            var dots = BitmapFont.Write($"{letter}");
            Assert.True(dots.Count >= 1 && !dots.Contains(box), $"U+{(int)letter:X4} {letter}");
            Assert.True(letter > 0xFF || letter is ' ' or '\u00A0' || seen.TryAdd(dots[0], letter), $"{letter} looks like {seen.GetValueOrDefault(dots[0])}");
        }
    }

    [Theory]
    [InlineData("Жуков", "Zhukov")]
    [InlineData("ЖУКОВ ЩУКА", "ZHUKOV SHCHUKA")]
    [InlineData("Παπαδόπουλος", "Papadopoylos")]
    [InlineData("山田", "□□")]
    [InlineData("Ｙａｍａｄａ", "Yamada")]
    [InlineData("D’Ångström", "D'A\u030Angstro\u0308m")]
    [InlineData("a\u0301", "a\u0301")]
    [InlineData("a\tb", "a b")]
    [InlineData("Nguyễn Thị ƯNG", "Nguyen Thi UNG")]
    public void Letters_OfOtherScripts_AreTransliteratedOrBoxes(string text, string expected) => Assert.Equal(expected, Transliteration.Spell(text));

    [Fact]
    public void Patient_IsNameIdSexAndBirthDate()
    {
        Assert.Equal(["Müller-Lüdenscheidt, Hans Peter Jr", "ID 4711", "M  born 1970-01-01"], AnnotationText.Patient(Data()));
        Assert.Equal(["Yamada, Tarou"], AnnotationText.Patient(new DicomDataSet().Set(DicomTags.PatientName, DicomVr.PN, "Yamada^Tarou=山田^太郎")));
        Assert.Empty(AnnotationText.Patient(new DicomDataSet().Set(DicomTags.PatientName, DicomVr.PN, "^^")));
    }

    [Fact]
    public void Technique_IsWhatTheImageSaysOfIt()
    {
        Assert.Equal(
            ["2026-03-14  09:15", "CT  CT-ROOM-2", "Se 3  Im 12", "Abdomen venös 2.0", "2 mm  at -123.5 mm", "120 kVp  200 mA"], AnnotationText.Technique(Data(), 0, 1));
        var shared = new DicomDataSet().Set(new DicomElement(DicomTags.PixelMeasuresSequence, [new DicomDataSet().Set(DicomTags.SliceThickness, DicomVr.DS, "1.25")]));
        var frame = new DicomDataSet().Set(new DicomElement(DicomTags.PlanePositionSequence, [new DicomDataSet().Set(DicomTags.ImagePositionPatient, DicomVr.DS, "-10.50", "20", "30")]));
        var enhanced = new DicomDataSet()
            .Set(new DicomElement(DicomTags.SharedFunctionalGroupsSequence, [shared]))
            .Set(new DicomElement(DicomTags.PerFrameFunctionalGroupsSequence, [new DicomDataSet(), frame]));
        Assert.Equal(["Fr 2/2", "1.25 mm  at -10.5, 20, 30 mm"], AnnotationText.Technique(enhanced, 1, 2));
    }

    [Fact]
    public void Colours_GetTheSameText()
    {
        var picture = AnnotationPainter.Paint(Pictures.Ramp(500, 400, 3), Both, Data(), 0, 1);
        var grey = AnnotationPainter.Paint(new Picture(500, 400, 1, [.. Enumerable.Repeat((byte)77, 500 * 400)]), Both, Data(), 0, 1);
        for (var i = 0; i < grey.Samples.Length; i++)
        {
            Assert.True(grey.Samples.Span[i] == 77 || picture.Samples.Span.Slice(3 * i, 3).SequenceEqual([grey.Samples.Span[i], grey.Samples.Span[i], grey.Samples.Span[i]]), $"{i}");
        }
    }

    [Fact]
    public async Task Alphabet_IsWritten()
    {
        var picture = new Picture(520, 150, 1, [.. Enumerable.Repeat((byte)128, 520 * 150)]);
        var lines = new[] { "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ €…", "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ", "¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿ ĂăĄąĆćČčĎďĐđĒēĘęĞğĢģİıŁłŃńŐőŒœŘřŚśŞşŤťŰűŹźŻżŽž", "Nguyễn Thị, Šťastný Jiří, Łukasz Żółć, Þór Ægisson, Çağlar Işık" };
        var written = AnnotationPainter.Write(picture, lines);
        await SaveAsync("alphabet.png", written);
        Assert.True(written.Samples.ToArray().Count(static sample => sample == 255) > 3000);
    }

    private static DicomDataSet Data() => new DicomDataSet()
        .Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192")
        .Set(DicomTags.PatientName, DicomVr.PN, "Müller-Lüdenscheidt^Hans^Peter^Dr.^Jr")
        .Set(DicomTags.PatientID, DicomVr.LO, "4711")
        .Set(DicomTags.PatientSex, DicomVr.CS, "M")
        .Set(DicomTags.PatientBirthDate, DicomVr.DA, "19700101")
        .Set(DicomTags.StudyDate, DicomVr.DA, "20260314")
        .Set(DicomTags.StudyTime, DicomVr.TM, "091500.123")
        .Set(DicomTags.Modality, DicomVr.CS, "CT")
        .Set(DicomTags.StationName, DicomVr.SH, "CT-ROOM-2")
        .Set(DicomTags.SeriesNumber, DicomVr.IS, "3")
        .Set(DicomTags.InstanceNumber, DicomVr.IS, "12")
        .Set(DicomTags.SeriesDescription, DicomVr.LO, "Abdomen venös 2.0")
        .Set(DicomTags.SliceThickness, DicomVr.DS, "2.00")
        .Set(DicomTags.SliceLocation, DicomVr.DS, "-123.5")
        .Set(DicomTags.KVP, DicomVr.DS, "120")
        .Set(DicomTags.XRayTubeCurrent, DicomVr.IS, "200");

    private static async Task SaveAsync(string name, Picture picture)
    {
        if (Environment.GetEnvironmentVariable("VNA_GALLERY") is { } folder)
        {
            Directory.CreateDirectory(folder);
            await Gallery.WriteAsync(Path.Combine(folder, name), picture);
        }
    }
}
