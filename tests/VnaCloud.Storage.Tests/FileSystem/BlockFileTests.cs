using Microsoft.Win32.SafeHandles;
using Xunit;

namespace VnaCloud.Storage.Tests.FileSystem;

/// <summary>Whatever is appended, patched and cut back, the file ends up as the same operations on bytes in memory say.</summary>
public sealed class BlockFileTests
{
    // A disk's file system, and one in memory: direct writes may exist on one only.
    public static TheoryData<string, int> Places()
    {
        var data = new TheoryData<string, int>();
        foreach (var place in new[] { Path.GetTempPath(), "/dev/shm" })
        {
            for (var seed = 1; seed <= 20; seed++)
            {
                data.Add(place, seed);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Random_operations_leave_the_bytes_that_a_model_has(string place, int seed)
    {
        var random = new Random(seed);
        var model = new MemoryStream();
        var path = Path.Combine(place, $"vna-blocks-{Guid.NewGuid():N}");
        try
        {
            using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite))
            using (var blocks = new BlockFile(file))
            {
                for (var step = 0; step < 60; step++)
                {
                    Step(random, model, blocks);
                    Assert.Equal(model.Length, blocks.Length);
                }
                blocks.Flush();
            }
            Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(model.ToArray())),
                Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(BlockBuffers.SmallSize)]
    [InlineData(BlockBuffers.SmallSize + 1)]
    [InlineData(BlockBuffers.Size)]
    [InlineData(BlockBuffers.Size + 1)]
    public void A_file_has_the_length_that_was_appended(int length)
    {
        var path = Path.Combine(Path.GetTempPath(), $"vna-blocks-{Guid.NewGuid():N}");
        try
        {
            using (SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite))
            using (var blocks = new BlockFile(file))
            {
                blocks.Append(new byte[length]);
                blocks.Flush();
            }
            Assert.Equal(length, new FileInfo(path).Length);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Step(Random random, MemoryStream model, BlockFile blocks)
    {
        switch (random.Next(5))
        {
            case 0 when model.Length > 0:
                var cut = random.NextInt64(model.Length + 1);
                blocks.Truncate(cut);
                model.SetLength(cut);
                model.Position = cut;
                break;
            case 1 when model.Length > 0:
                var patch = new byte[random.Next((int)Math.Min(2000, model.Length)) + 1];
                random.NextBytes(patch);
                var offset = random.NextInt64(model.Length - patch.Length + 1);
                blocks.Patch(offset, patch);
                model.Position = offset;
                model.Write(patch);
                model.Position = model.Length;
                break;
            default:
                // Around a block's length as well as far below it.
                var bytes = new byte[random.Next(2) == 0 ? random.Next(5000) : random.Next(BlockBuffers.Size * 3 / 2)];
                random.NextBytes(bytes);
                blocks.Append(bytes);
                model.Write(bytes);
                break;
        }
    }
}
