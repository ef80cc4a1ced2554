using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace VnaCloud.Gateway.Forwarding;

/// <summary><c>Gateway:Bandwidth</c>: how much of the line may be used, all destinations together.</summary>
internal sealed class BandwidthOptions
{
    /// <summary>Megabits per second where the schedule says nothing. Default 0: all.</summary>
    [System.ComponentModel.DataAnnotations.Range(0.0, 1_000_000.0)]
    public double MegabitsPerSecond { get; init; }

    /// <summary>Hours of the site's local time with another limit, the first that fits counting: <c>Mon-Fri 07:00-18:00 20</c> or <c>22:00-06:00 0</c>. Default none.</summary>
    public string[] Schedule { get; init; } = [];
}

/// <summary>Hours with a limit of their own.</summary>
internal sealed record BandwidthHours(DayOfWeek First, DayOfWeek Last, TimeOnly From, TimeOnly Until, double MegabitsPerSecond)
{
    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    /// <summary>Whether these hours are now. Those over midnight belong to the day that they begin on.</summary>
    public bool Hold(DateTimeOffset local)
    {
        var now = TimeOnly.FromTimeSpan(local.TimeOfDay);
        if (From <= Until)
        {
            return IsDay(local.DayOfWeek) && now >= From && now < Until;
        }
        return (now >= From && IsDay(local.DayOfWeek)) || (now < Until && IsDay(local.AddDays(-1).DayOfWeek));
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out BandwidthHours? hours)
    {
        hours = null;
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var days = parts.Length == 3 ? parts[0].Split('-') : ["Sun", "Sat"];
        var times = parts.Length is 2 or 3 ? parts[^2].Split('-') : [];
        if (days.Length is 1 or 2 && times.Length == 2
            && Array.IndexOf(Days, days[0]) is >= 0 and var first && Array.IndexOf(Days, days[^1]) is >= 0 and var last
            && TimeOnly.TryParseExact(times[0], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
            && TimeOnly.TryParseExact(times[1], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var until)
            && double.TryParse(parts[^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit))
        {
            hours = new BandwidthHours((DayOfWeek)first, (DayOfWeek)last, from, until, limit);
        }
        return hours is not null;
    }

    private bool IsDay(DayOfWeek day) => First <= Last ? day >= First && day <= Last : day >= First || day <= Last;
}

/// <summary>A token bucket for everybody who sends.</summary>
internal sealed class Bandwidth(BandwidthOptions options, TimeProvider time)
{
    // A quarter of a second's worth may be sent at once; pieces are a sixteenth, so that many senders take turns well before one seems dead.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(250);
    private const int Pieces = 16, SmallestPiece = 4 * 1024;

    private readonly Lock _gate = new();
    private readonly IReadOnlyList<BandwidthHours> _schedule = [.. options.Schedule.Select(text => BandwidthHours.TryParse(text, out var hours) ? hours : null).OfType<BandwidthHours>()];
    private DateTimeOffset _free = DateTimeOffset.MinValue;

    /// <summary>Bytes per second now; 0 for no limit.</summary>
    public double BytesPerSecond()
    {
        var now = time.GetLocalNow();
        return (_schedule.FirstOrDefault(hours => hours.Hold(now))?.MegabitsPerSecond ?? options.MegabitsPerSecond) * 1_000_000 / 8;
    }

    /// <summary>How much to send at once, of what there is.</summary>
    public int Piece(int bytes) => BytesPerSecond() is > 0 and var rate ? (int)Math.Min(bytes, Math.Max(SmallestPiece, rate / Pieces)) : bytes;

    /// <summary>Waits until so many bytes may be sent.</summary>
    public Task WaitAsync(int bytes, CancellationToken cancellation)
    {
        var rate = BytesPerSecond();
        if (rate <= 0)
        {
            return Task.CompletedTask;
        }
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var start = _free > now - Burst ? _free : now - Burst;
            _free = start + TimeSpan.FromSeconds(bytes / rate);
            wait = _free - now;
        }
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellation) : Task.CompletedTask;
    }
}
