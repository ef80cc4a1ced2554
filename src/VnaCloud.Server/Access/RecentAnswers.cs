using System.Collections.Concurrent;

namespace VnaCloud.Server.Access;

/// <summary>Answers that are good for a short while, so that hundreds of requests for frames do not ask the database each. Safe for many threads.</summary>
/// <param name="age">How long an answer is good.</param>
/// <param name="most">How many are kept; more, and all are forgotten.</param>
internal sealed class RecentAnswers<TKey, TValue>(TimeSpan age, int most, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, (TValue Value, DateTimeOffset At)> _answers = new();

    /// <summary>The answer of a while ago, or a new one.</summary>
    public async ValueTask<TValue> GetAsync(TKey key, Func<Task<TValue>> ask)
    {
        var now = time.GetUtcNow();
        if (_answers.TryGetValue(key, out var known) && now - known.At < age)
        {
            return known.Value;
        }
        var value = await ask();
        Keep(key, value, now);
        return value;
    }

    /// <summary>Whether the key is new, or was last met longer ago; it is met now.</summary>
    public bool Meet(TKey key, TValue value)
    {
        var now = time.GetUtcNow();
        if (_answers.TryGetValue(key, out var known) && now - known.At < age)
        {
            return false;
        }
        Keep(key, value, now);
        return true;
    }

    public void Forget(TKey key) => _answers.TryRemove(key, out _);

    private void Keep(TKey key, TValue value, DateTimeOffset now)
    {
        if (_answers.Count >= most)
        {
            _answers.Clear();
        }
        _answers[key] = (value, now);
    }
}
