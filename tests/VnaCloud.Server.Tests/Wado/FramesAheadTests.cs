using VnaCloud.Server.Wado.Pixels;

namespace VnaCloud.Server.Tests.Wado;

public sealed class FramesAheadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Frames_ThatKeepTheirThread_AreMadeBesideEachOther_AndComeInOrder()
    {
        using var together = new Barrier(3);
        var came = new List<int>();
        await foreach (var frame in FramesAhead.MakeAsync(Enumerable.Range(0, 3), Make, TestContext.Current.CancellationToken))
        {
            came.Add(frame.Number);
        }
        Assert.Equal([0, 1, 2], came);

        Task<Made> Make(int number)
        {
            // None ends before all have begun.
            Assert.True(together.SignalAndWait(Patience), "One frame waits for another.");
            return Task.FromResult(new Made(number));
        }
    }

    [Fact]
    public async Task Frames_ThatNobodyTakes_AreDisposed()
    {
        var made = new List<Made>();
        var frames = FramesAhead.MakeAsync(Enumerable.Range(0, 5), Make, TestContext.Current.CancellationToken);
        await foreach (var frame in frames)
        {
            frame.Dispose();
            break;
        }
        Assert.Equal([0, 1, 2], made.Select(frame => frame.Number).Order());
        Assert.All(made, frame => Assert.True(frame.IsDisposed));

        Task<Made> Make(int number)
        {
            var frame = new Made(number);
            lock (made)
            {
                made.Add(frame);
            }
            return Task.FromResult(frame);
        }
    }

    private sealed class Made(int number) : IDisposable
    {
        public int Number => number;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
