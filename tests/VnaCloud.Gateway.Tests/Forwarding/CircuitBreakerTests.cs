using VnaCloud.DicomWeb;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Tests.Spool;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>When a destination is left alone.</summary>
public sealed class CircuitBreakerTests
{
    private readonly SetTime _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(new RetryPolicy { FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(60) }, _time);

    [Fact]
    public void Failures_OfManyAtOnce_CountOnce()
    {
        var tickets = Enumerable.Range(0, 64).Select(_ => _breaker.TryEnter(out var _)!.Value).ToList();
        tickets.ForEach(ticket => _breaker.Failed(ticket, "down", null));
        Assert.Null(_breaker.TryEnter(out var wait));
        Assert.InRange(wait.TotalSeconds, 0.1, 1);
    }

    [Fact]
    public void Probe_IsOne_AndItsOutcomeDecides()
    {
        _breaker.Failed(_breaker.TryEnter(out _)!.Value, "down", null);
        _time.Pass(1.1);
        var probe = _breaker.TryEnter(out _)!.Value;
        Assert.Null(_breaker.TryEnter(out var wait));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
        _breaker.Failed(probe, "still down", null);
        Assert.Null(_breaker.TryEnter(out wait));
        Assert.InRange(wait.TotalSeconds, 1, 2);
        Assert.Equal("still down", _breaker.Reason);
        _time.Pass(2.1);
        probe = _breaker.TryEnter(out _)!.Value;
        _breaker.Succeeded();
        Assert.NotNull(_breaker.TryEnter(out _));
        Assert.NotNull(_breaker.TryEnter(out _));
        Assert.Null(_breaker.Reason);
        Assert.InRange(probe, 1, 2);
    }

    [Fact]
    public void Probe_WithNothingToSend_IsGivenBack()
    {
        _breaker.Failed(_breaker.TryEnter(out _)!.Value, "down", null);
        _time.Pass(1.1);
        _breaker.Leave(_breaker.TryEnter(out _)!.Value);
        Assert.NotNull(_breaker.TryEnter(out _));
    }

    [Fact]
    public void Pauses_GrowToTheirBound_AndTheArchiveMayAskForMore()
    {
        for (var i = 0; i < 20; i++)
        {
            _breaker.Failed(_breaker.TryEnter(out _)!.Value, "down", null);
            _breaker.TryEnter(out var wait);
            Assert.InRange(wait.TotalSeconds, 0.5, 60);
            _time.Pass(wait.TotalSeconds + 0.001);
        }
        _breaker.Failed(_breaker.TryEnter(out _)!.Value, "down", TimeSpan.FromMinutes(10));
        _breaker.TryEnter(out var asked);
        Assert.InRange(asked.TotalMinutes, 10, 10.2);
    }

    [Fact]
    public void Stumbles_InARow_AreAFailure_AndOneSuccessForgetsThem()
    {
        for (var i = 0; i < 4; i++)
        {
            _breaker.Stumbled(_breaker.TryEnter(out _)!.Value, "500");
        }
        _breaker.Succeeded();
        for (var i = 0; i < 4; i++)
        {
            _breaker.Stumbled(_breaker.TryEnter(out _)!.Value, "500");
        }
        Assert.NotNull(_breaker.TryEnter(out _));
        _breaker.Stumbled(_breaker.TryEnter(out _)!.Value, "500");
        Assert.Null(_breaker.TryEnter(out _));
    }
}
