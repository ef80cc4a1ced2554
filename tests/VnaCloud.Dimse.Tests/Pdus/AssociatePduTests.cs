using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

public class AssociatePduTests(ITestOutputHelper output)
{
    [Fact]
    public void Request_WithEveryItem_ReadsAsItWasWritten()
    {
        var request = AssociateParser.Request(PduWriter.Write(SamplePdus.FullRequest).AsSpan(6), PduLimits.Default);
        var (sent, user) = (SamplePdus.FullRequest, request.User);
        Assert.Equal((sent.CalledAeTitle, sent.CallingAeTitle, sent.ApplicationContext, (ushort)1), (request.CalledAeTitle, request.CallingAeTitle, request.ApplicationContext, request.ProtocolVersion));
        Assert.Equal(sent.Contexts.Select(Text), request.Contexts.Select(Text));
        Assert.Equal((131072u, "1.2.3.4", "TEST_1", new AsyncWindow(5, 3)), (user.MaxPduLength, user.ImplementationClassUid, user.ImplementationVersionName, user.AsyncWindow!.Value));
        Assert.Equal(sent.User.Roles, user.Roles);
        Assert.Equal(new byte[] { 1, 0, 1, 1 }, Assert.Single(user.Extended).Information.ToArray());
        Assert.Equal(["1.2.3.4", "1.2.3.5"], user.CommonExtended[0].RelatedGeneralSopClassUids);
        Assert.Equal("secret"u8.ToArray(), user.Identity!.Secondary.ToArray());
        Assert.DoesNotContain("jane", $"{request}{user.Identity}", StringComparison.Ordinal);
    }

    [Fact]
    public void WhatParses_SerialisesToWhatParsesToTheSame()
    {
        foreach (var pdu in Seeds())
        {
            var once = SamplePdus.Rewrite(pdu);
            Assert.Equal(once, SamplePdus.Rewrite(once));
        }
        Assert.Equal(PduWriter.Write(SamplePdus.FullRequest), SamplePdus.Rewrite(PduWriter.Write(SamplePdus.FullRequest)));
    }

    [Fact]
    public void EveryCut_IsAFormatFault()
    {
        foreach (var pdu in Seeds())
        {
            for (var length = 6; length < pdu.Length; length++)
            {
                var cut = pdu[..length];
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(2), length - 6);
                // Where an item ends whole the rest may be missing; anything else must be a fault, never another exception.
                if (Record.Exception(() => SamplePdus.Rewrite(cut)) is { } error)
                {
                    Assert.IsType<PduFormatException>(error);
                }
            }
        }
        Assert.Throws<PduFormatException>(() => AssociateParser.Request(PduWriter.Write(SamplePdus.FullRequest).AsSpan(6, 60), PduLimits.Default));
    }

    [Fact]
    public void Mutations_ParseOrAreFormatFaults_AndAllocateLittle()
    {
        var random = new Random(20260314);
        var (count, parsed) = (TestLength.Of(20_000, 200_000, 5_000_000), 0);
        var seeds = Seeds();
        var most = 0L;
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutate(seeds[i % seeds.Length], random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var once = SamplePdus.Rewrite(bytes);
                parsed++;
                Assert.Equal(once, SamplePdus.Rewrite(once));
            }
            catch (PduFormatException)
            {
                // Expected of most.
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        output.WriteLine($"{count} mutations, {parsed} parsed, at most {most} bytes allocated for one");
        Assert.InRange(parsed, count / 100, count - 1);
        Assert.InRange(most, 0, 256 * 1024);
    }

    [Theory]
    [InlineData("even")]
    [InlineData("twice")]
    [InlineData("none")]
    [InlineData("syntaxes")]
    [InlineData("items")]
    public void Request_ThatBreaksARule_IsRefused(string rule)
    {
        var full = SamplePdus.FullRequest;
        ProposedContext context = new(1, "1.2", ["1.2"]);
        var broken = rule switch
        {
            "even" => full with { Contexts = [context with { Id = 2 }] },
            "twice" => full with { Contexts = [context, context] },
            "none" => full with { Contexts = [] },
            "syntaxes" => full with { Contexts = [context with { TransferSyntaxes = [.. Enumerable.Repeat("1.2", 257)] }] },
            _ => full with { User = full.User with { Roles = [.. Enumerable.Repeat(new RoleSelection("1.2", ServiceRoles.Scp), 1025)] } },
        };
        Assert.Throws<PduFormatException>(() => AssociateParser.Request(PduWriter.Write(broken).AsSpan(6), PduLimits.Default));
    }

    [Theory]
    [InlineData("VNA", "VNA")]
    [InlineData("  VNA", "VNA")]
    [InlineData("VNA\0\0\0", "VNA")]
    [InlineData("", "")]
    [InlineData("A\x01\xE4", "A\x01\xE4")]
    public void AeTitle_IsReadWhateverItIs_AndPrintedHarmless(string field, string title)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(field.PadRight(AeTitle.Length));
        Assert.Equal(title, AeTitle.Read(bytes));
        Assert.All(AeTitle.Printable(title), character => Assert.InRange(character, ' ', '~'));
        Assert.Equal(title == "VNA", AeTitle.IsValid(title));
    }

    private static byte[][] Seeds() =>
    [
        PduWriter.Write(SamplePdus.FullRequest), PduWriter.Write(SamplePdus.FullAccept), PduWriter.Write(RawPeer.Request()), PduWriter.Write(AssociateReject.LocalLimitExceeded),
        PduWriter.Write(AbortPdu.ByUser), PduWriter.ReleaseRequest(), PduWriter.ReleaseResponse(), RawPeer.Pdv(1, 3, 1, 2, 3, 4),
    ];

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var steps = random.Next(1, 4); steps > 0; steps--)
        {
            var at = random.Next(6, bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, seed.Skip(random.Next(seed.Length)).Take(random.Next(1, 40)));
                    break;
                default:
                    bytes[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0;
                    break;
            }
            if (bytes.Count < 8)
            {
                bytes.AddRange(seed.Take(8));
            }
        }
        byte[] mutated = [.. bytes];
        if (random.Next(10) > 0)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(mutated.AsSpan(2), mutated.Length - 6);
        }
        return mutated;
    }

    private static string Text(ProposedContext context) => $"{context.Id} {context.AbstractSyntax} {string.Join(' ', context.TransferSyntaxes)}";
}
