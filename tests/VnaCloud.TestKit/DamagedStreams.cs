namespace VnaCloud.TestKit;

/// <summary>Compressed frames that are damaged on purpose.</summary>
public static class DamagedStreams
{
    /// <summary>Bytes changed, stretches cut out, sizes in headers blown up, or nothing but noise: the same for the same seed.</summary>
    public static byte[] Damage(byte[] stream, int seed)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var random = new Random(seed);
        var damaged = (byte[])stream.Clone();
        switch (random.Next(6))
        {
            case 0:
                random.NextBytes(damaged);
                break;
            case 1:
                return damaged[..random.Next(damaged.Length)];
            case 2:
                damaged.AsSpan(0, Math.Min(64, damaged.Length))[random.Next(Math.Min(64, damaged.Length))] = (byte)random.Next(256);
                break;
            case 3:
                var from = random.Next(damaged.Length);
                return [.. damaged[..from], .. damaged[Math.Min(damaged.Length, from + random.Next(200))..]];
            default:
                for (var i = random.Next(1, 20); i > 0; i--)
                {
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                }
                break;
        }
        return damaged;
    }
}
