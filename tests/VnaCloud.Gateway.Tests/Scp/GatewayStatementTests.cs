using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Query;
using VnaCloud.Gateway.Remotes;
using VnaCloud.Gateway.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Scp;

/// <summary>The conformance statement says of the gateway what its code does, neither more nor less.</summary>
public sealed partial class GatewayStatementTests
{
    // Every UID of the standard's arcs that could be a SOP class is asked about: those that are taken have a row, and every row is taken.
    [Fact]
    public void SopClasses_AreThoseThatAreTaken()
    {
        var rows = ConformanceStatement.Rows("gateway SOP classes").Select(row => row[0]).ToList();
        var candidates = Arc("1.2.840.10008.1", 60).Concat(Arc("1.2.840.10008.1.20", 10)).Concat(Arc("1.2.840.10008.5.1.4", 60)).Concat(Arc("1.2.840.10008.5.1.4.1", 10))
            .Concat(Enumerable.Range(1, 60).SelectMany(arc => Arc($"1.2.840.10008.5.1.4.{arc}", 40))).Concat(Enumerable.Range(1, 5).SelectMany(arc => Arc($"1.2.840.10008.5.1.4.1.2.{arc}", 10)))
            .Concat(Arc("1.2.840.10008.5.1.4.1.1", 700));
        bool HasRow(string uid) => rows.Exists(row => row == uid || (row.EndsWith('*') && uid.StartsWith(row[..^1], StringComparison.Ordinal)));
        Assert.DoesNotContain(candidates, uid => HasRow(uid) != IsTaken(uid));
        Assert.All(rows, row => Assert.True(IsTaken(row.Replace("*", row.EndsWith(".*", StringComparison.Ordinal) ? "1" : "", StringComparison.Ordinal)), row));
    }

    [Fact]
    public void StatusCodes_AreThoseThatTheGatewayNames()
    {
        var named = typeof(DimseStatus).GetProperties(BindingFlags.Public | BindingFlags.Static).ToDictionary(property => property.Name, property => property.GetValue(null)!.ToString()!);
        var codes = Sources().SelectMany(text => StatusName().Matches(text).Select(match => named.GetValueOrDefault(match.Groups[1].Value)))
            .Concat(Sources().SelectMany(text => StatusNumber().Matches(text).Select(match => $"{match.Groups[1].Value}H")))
            .Concat(["0110H", "0112H", "0119H", "A700H", "A900H", "C000H"]).OfType<string>().ToHashSet();
        Assert.Equal(codes.Order(StringComparer.Ordinal), ConformanceStatement.Rows("gateway status codes").Select(row => row[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rejections_AreThoseOfTheUpperLayer() => Assert.Equal(
        typeof(AssociateReject).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => property.GetValue(null)!.ToString()!).Order(StringComparer.Ordinal),
        ConformanceStatement.Rows("association rejections").Select(row => row[0]).Order(StringComparer.Ordinal));

    [Fact]
    public void Keys_AreThoseThatAreMatched()
    {
        var keys = Tags().Where(tag => SearchKeys.LevelOf(tag) is not null).OrderBy(tag => SearchKeys.LevelOf(tag)).ThenBy(tag => tag)
            .Select(tag => new[] { SearchKeys.LevelOf(tag)!.Value.Name(), DicomDictionary.Find(tag)!.Keyword, tag.ToString() });
        var ofRequests = Tags().Where(SearchKeys.IsOfRequest)
            .Select(tag => new[] { QueryRetrieveLevel.Series.Name(), $"RequestAttributesSequence.{DicomDictionary.Find(tag)!.Keyword}", tag.ToString() });
        ConformanceStatement.Check("C-FIND keys", ["level", "key", "tag"], keys.Concat(ofRequests).OrderBy(row => Enum.Parse<QueryRetrieveLevel>(row[0], ignoreCase: true)));
    }

    [Fact]
    public void TransferSyntaxes_AreThoseOfTheLibraryInTheOrderOfStorage()
    {
        Assert.Equal(StorageClasses.Syntaxes.Select(Preference).Order(), StorageClasses.Syntaxes.Select(Preference));
        ConformanceStatement.Check("transfer syntaxes", ["UID", "name", "storage SCP", ""], TransferSyntax.Known.OrderBy(syntax => Preference(syntax.Uid)).ThenBy(syntax => syntax.Uid, StringComparer.Ordinal).Select(syntax => new[]
        {
            syntax.Uid, syntax.Name, StorageClasses.Syntaxes.Contains(syntax.Uid) ? Preference(syntax.Uid).ToString(CultureInfo.InvariantCulture) : "no",
            string.Join(", ", new[] { syntax.IsLossy ? "lossy" : "", syntax.IsVideo ? "video" : "", syntax.IsReferenced ? "referenced" : "", syntax.IsRetired ? "retired" : "" }.Where(word => word.Length > 0)),
        }));
    }

    // 1 compressed without loss, 2 with loss, then what is not compressed; within each the library says no more.
    private static int Preference(string uid) => TransferSyntax.Get(uid) switch
    {
        _ when !StorageClasses.Syntaxes.Contains(uid) => int.MaxValue,
        { IsLossy: true } => 2,
        { IsEncapsulated: true } or { IsDeflated: true } => 1,
        { IsImplicitVr: true } => 5,
        { IsBigEndian: true } => 4,
        _ => 3,
    };

    [Fact]
    public void Limits_AreThoseOfTheLibrary()
    {
        var listener = new DimseListenerOptions();
        var limits = typeof(PduLimits).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .Select(property => (property.Name,  Convert.ToInt64(property.GetValue(PduLimits.Default), CultureInfo.InvariantCulture)))
            .Append((nameof(listener.MaxReceivePdu), listener.MaxReceivePdu)).Append((nameof(listener.MaxAssociations), listener.MaxAssociations))
            .Append((nameof(listener.MaxAssociationsPerAddress), listener.MaxAssociationsPerAddress)).Append((nameof(listener.MaxAssociationsPerCallingAe), listener.MaxAssociationsPerCallingAe))
            .Append((nameof(listener.MaxPendingConnections), listener.MaxPendingConnections)).Append((nameof(listener.MaxPendingPerAddress), listener.MaxPendingPerAddress));
        var times = typeof(AssociationTimeouts).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.PropertyType == typeof(TimeSpan))
            .Select(property => new[] { property.Name, $"{((TimeSpan)property.GetValue(AssociationTimeouts.Default)!).TotalSeconds.ToString(CultureInfo.InvariantCulture)} s" });
        ConformanceStatement.Check("association limits", ["limit", "value"], times.Concat(limits.Select(limit => new string[] { limit.Item1, limit.Item2.ToString("N0", CultureInfo.InvariantCulture) })));
    }

    private static bool IsTaken(string uid) =>
        uid == DimseAssociation.Verification || uid == SopClasses.StorageCommitment || SopClasses.Query(uid) is not null || AssociationGate.IsStored(new RemoteAe(), uid);

    private static IEnumerable<string> Arc(string root, int count) => Enumerable.Range(1, count).Select(number => $"{root}.{number}");

    private static IEnumerable<DicomTag> Tags() => Enumerable.Range(0, 0x0080).SelectMany(group => Enumerable.Range(0, 0x10000).Select(element => new DicomTag((uint)((group << 16) | element))));

    private static IEnumerable<string> Sources() =>
        new[] { "src/VnaCloud.Gateway/Scp", "src/VnaCloud.Gateway/Query", "src/VnaCloud.Dimse/Services" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(TestKit.Corpus.Repository, folder), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText);

    [GeneratedRegex(@"DimseStatus\.(\w+)")]
    private static partial Regex StatusName();

    [GeneratedRegex(@"new DimseStatus\(0x([0-9A-F]{4})\)")]
    private static partial Regex StatusNumber();
}
