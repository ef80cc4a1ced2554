namespace VnaCloud.Archive.Tests.Query;

public sealed class PersonNameFoldTests
{
    [Theory]
    [InlineData("smith^john", "SMITH^JOHN")]
    [InlineData("Müller^Jörg", "MULLER^JORG")]
    [InlineData("Weiß", "WEISS")]
    [InlineData("Łukasz^Żółć", "LUKASZ^ZOLC")]
    [InlineData("Ångström^Øystein", "ANGSTROM^OYSTEIN")]
    [InlineData("Þór^Æsa^Œuvre", "THOR^AESA^OEUVRE")]
    [InlineData("Nguyễn^Đức", "NGUYEN^DUC")]
    [InlineData("e\u0301", "E")]
    [InlineData("ıI", "II")]
    [InlineData("Άννα", "ΑΝΝΑ")]
    [InlineData("Йога", "ИОГА")]
    [InlineData("山田^太郎", "山田^太郎")]
    [InlineData("がぎ", "がぎ")]
    [InlineData("กี่", "กี่")]
    [InlineData("a*?b", "A*?B")]
    public void Fold_Name_IsUpperCaseWithoutAccents(string name, string fold) => Assert.Equal(fold, PersonNameFold.Fold(name));

    [Theory]
    [InlineData("SMITH^JOHN^^", "SMITH^JOHN")]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "YAMADA^TAROU|山田^太郎|やまだ^たろう")]
    [InlineData("=山田", "|山田")]
    [InlineData("A=B=C=D", "A|B|C=D")]
    [InlineData("", "")]
    public void Groups_Name_AreFoldedWithoutEmptyTail(string name, string groups) =>
        Assert.Equal(groups, string.Join('|', PersonNameFold.Groups(name)));

    [Theory]
    [InlineData("van der Berg^Jan-Peter^^Dr.", "VAN DER BERG JAN PETER DR")]
    [InlineData("O'Neil^Ann=ann", "O NEIL ANN")]
    [InlineData("*smi?th*", "SMI TH")]
    [InlineData("^^=", "")]
    public void Words_Name_AreSplitAtEverySeparatorAndDistinct(string name, string words) =>
        Assert.Equal(words, string.Join(' ', PersonNameFold.Words(name)));

    [Fact]
    public void Words_Endless_AreCut() =>
        Assert.Equal(PersonNameFold.MaxWords, PersonNameFold.Words(string.Join(' ', Enumerable.Range(0, 1_000))).Count);
}
