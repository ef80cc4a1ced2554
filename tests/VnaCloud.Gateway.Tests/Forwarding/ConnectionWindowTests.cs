using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Tests.Spool;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>How many connections a line gets.</summary>
public sealed class ConnectionWindowTests
{
    private readonly SetTime _time = new();
    private readonly ConnectionWindow _window;

    public ConnectionWindowTests() => _window = new ConnectionWindow(4, 4, 64, _time);

    [Fact]
    public void Line_WhereEachConnectionBringsMore_GetsThemAll()
    {
        Try(20, limit => limit * 300_000);
        // The last few bring less than noise does.
        Assert.InRange(_window.Limit, 60, 64);
    }

    [Fact]
    public void Line_ThatIsFullWithTen_GetsNotManyMore()
    {
        Try(60, limit => Math.Min(limit, 10) * 1_000_000);
        Assert.InRange(_window.Limit, 10, 20);
    }

    [Fact]
    public void Line_ThatGetsSlowerWithMore_GetsFewer()
    {
        Try(60, limit => limit <= 16 ? limit * 1_000_000 : 1_000_000);
        Assert.InRange(_window.Limit, 4, 20);
    }

    [Fact]
    public void Line_ThatIsFullWithTheFirst_KeepsThem()
    {
        var window = new ConnectionWindow(4, 16, 64, _time);
        var most = 0;
        for (var trial = 0; trial < 60; trial++)
        {
            window.Full();
            // The first seconds are slow: connections are made.
            window.Moved(trial == 0 ? 8_000_000 : 24_000_000 + (trial % 3 * 400_000));
            _time.Pass(2);
            window.Look();
            most = Math.Max(most, window.Limit);
        }
        Assert.Equal(24, most);
        Assert.InRange(window.Limit, 14, 18);
        Assert.InRange(window.Portion, 1_300_000, 1_800_000);
    }

    [Fact]
    public void Window_ThatIsNotFull_SaysNothing()
    {
        for (var i = 0; i < 20; i++)
        {
            _window.Moved(1_000_000 * (i + 1));
            _time.Pass(2);
            _window.Look();
        }
        Assert.Equal(4, _window.Limit);
    }

    [Fact]
    public void Archive_ThatAsksForLess_GetsHalf_DownToTheLeast()
    {
        Try(20, limit => limit * 300_000);
        var before = _window.Limit;
        _window.Halve();
        Assert.Equal(before / 2, _window.Limit);
        for (var i = 0; i < 9; i++)
        {
            _window.Halve();
        }
        Assert.Equal(4, _window.Limit);
    }

    private void Try(int trials, Func<int, int> bytesPerSecond)
    {
        for (var i = 0; i < trials; i++)
        {
            _window.Full();
            _window.Moved(2 * bytesPerSecond(_window.Limit));
            _time.Pass(2);
            _window.Look();
        }
    }
}
