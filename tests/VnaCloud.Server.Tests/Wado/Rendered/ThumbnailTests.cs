using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>Thumbnails at all levels, and where they are kept.</summary>
public sealed class ThumbnailTests
{
    [Fact]
    [Trait("dicomweb", "166")]
    [Trait("dicomweb", "167")]
    public async Task Thumbnail_OfEachLevel_IsAnImageInTheMiddle()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"), Files.Ct("1.3"), Files.Changed("1.4", data => data.Remove(DicomTags.PixelData)));
        var (study, series) = ($"studies/{Files.Study}", Files.InstanceUrl("1.2").Split("/instances")[0]);
        var middle = await server.BytesAsync($"{Files.InstanceUrl("1.2")}/thumbnail");
        Assert.Equal([0xFF, 0xD8], middle[..2]);
        Assert.Equal(middle, await server.BytesAsync($"{study}/thumbnail"));
        Assert.Equal(middle, await server.BytesAsync($"{series}/thumbnail"));
        Assert.Equal(middle, await server.BytesAsync($"{Files.InstanceUrl("1.2")}/frames/1/thumbnail"));
        using var none = await server.GetAsync($"{Files.InstanceUrl("1.4")}/thumbnail");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var two = await server.GetAsync($"{Files.InstanceUrl("1.2")}/frames/1,1/thumbnail");
        Assert.Equal(HttpStatusCode.BadRequest, two.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "168")]
    public async Task Thumbnail_IsKeptBesideThePacks_AndGoesAfterFourWeeks()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        Assert.SkipWhen(Stack.IsBalanced, "the folder is looked into");
        var folder = Directory.CreateTempSubdirectory("vnacloud-thumbnails-");
        var url = $"{Files.InstanceUrl("1.1")}/thumbnail";
        byte[] marked;
        await using (var first = await WireServer.StartAtAsync(folder.FullName, null))
        {
            await first.StoreAsync(Files.Ct("1.1"));
            var made = await first.BytesAsync(url);
            var kept = Assert.Single(await first.ObjectsAsync("*.jpg"));
            Assert.Equal(made, await File.ReadAllBytesAsync(kept));
            marked = (byte[])made.Clone();
            marked[^3] ^= 1;
            await File.WriteAllBytesAsync(kept, marked);
        }
        // Another server, or this one after a restart, gives what is kept.
        await using (var server = await WireServer.StartAtAsync(folder.FullName, null))
        {
            Assert.Equal(marked, await server.BytesAsync(url));
            var upkeep = server.Server.App.Services.GetRequiredService<ArchiveHost>().Upkeep;
            Assert.Equal(0, (await new DerivedCollector(upkeep).RunAsync(default)).Deleted);
            Assert.Equal(1, (await new DerivedCollector(upkeep with { Time = new Later(TimeSpan.FromDays(28)) }).RunAsync(default)).Deleted);
            Assert.Empty(await server.ObjectsAsync("*.jpg"));
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    [Trait("dicomweb", "168")]
    public async Task Thumbnail_KnownToTheClient_Is304()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var first = await server.GetAsync($"{Files.InstanceUrl("1.1")}/thumbnail");
        using var again = await server.GetAsync($"{Files.InstanceUrl("1.1")}/thumbnail", ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var larger = await server.GetAsync($"{Files.InstanceUrl("1.1")}/thumbnail?viewport=64,64");
        Assert.NotEqual(first.Headers.ETag, larger.Headers.ETag);
    }

    [Fact]
    public async Task Thumbnail_AskedForWithAProfile_IsNotWhatOthersGet()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Changed("1.1", data => data.Set(DicomTags.SamplesPerPixel, 3).Set(DicomTags.PlanarConfiguration, (ushort)0).Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "RGB")
            .Set(DicomTags.BitsAllocated, 8).Set(DicomTags.BitsStored, 8).Set(DicomTags.HighBit, 7).Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new byte[8 * 8 * 3]))));
        var url = $"{Files.InstanceUrl("1.1")}/thumbnail";
        Assert.True((await server.BytesAsync($"{url}?iccprofile=srgb")).AsSpan().IndexOf("ICC_PROFILE"u8) > 0);
        Assert.Equal(-1, (await server.BytesAsync(url)).AsSpan().IndexOf("ICC_PROFILE"u8));
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
