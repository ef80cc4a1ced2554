using System.Net;
using Microsoft.Extensions.Logging;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Scp;

namespace VnaCloud.Gateway.Tests.Scp;

/// <summary>Warnings of refused associations, by address.</summary>
public sealed class RefusalLogTests : IDisposable
{
    private readonly Lines _lines = new();
    private readonly RefusalLog _log;

    public RefusalLogTests() => _log = new RefusalLog(TimeProvider.System, _lines);

    [Fact]
    public void Address_ThatIsRefusedAllTheTime_IsALineAtOnceAndOneInEachMinute()
    {
        Refuse("10.1.2.3", 500);
        Refuse("10.1.2.4", 1);
        Assert.Equal(2, _lines.Said.Count);
        _log.Sum();
        Assert.Equal("Refused 499 more associations from 10.1.2.3 in the last minute", Assert.Single(_lines.Said.Skip(2)));
        Refuse("10.1.2.3", 7);
        _log.Sum();
        Assert.Equal("Refused 7 more associations from 10.1.2.3 in the last minute", Assert.Single(_lines.Said.Skip(3)));
    }

    [Fact]
    public void Address_ThatWasQuietForAMinute_IsNewAgain()
    {
        Refuse("10.1.2.3", 2);
        _log.Sum();
        _log.Sum();
        Refuse("10.1.2.3", 1);
        Assert.Equal(3, _lines.Said.Count);
        Assert.Equal(_lines.Said[0], _lines.Said[2]);
    }

    [Fact]
    public void Addresses_BeyondAThousand_AreCountedTogether()
    {
        for (var i = 0; i < 3_000; i++)
        {
            Refuse($"10.1.{i / 250}.{i % 250}", 1);
        }
        Assert.Equal(1_001, _lines.Said.Count);
        _log.Sum();
        Assert.Equal("Refused 1999 more associations from 0.0.0.0 in the last minute", _lines.Said[^1]);
    }

    public void Dispose() => _log.Dispose();

    private void Refuse(string address, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _log.Refused("STRANGER", "VNACLOUD", IPAddress.Parse(address), AssociateReject.CallingAeNotRecognized);
        }
    }

    private sealed class Lines : ILogger<RefusalLog>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
