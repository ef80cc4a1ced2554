using System.Net;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Remotes;

namespace VnaCloud.Gateway.Scp;

/// <summary>Warns of associations that are refused: the first of an address at once, then how many more there were in each minute. A port scan is not a full log.</summary>
internal sealed partial class RefusalLog : IDisposable
{
    // Past these, the rest are counted together.
    private const int MaxAddresses = 1_000;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _more = [];
    private readonly ILogger<RefusalLog> _logger;
    private readonly ITimer _timer;

    public RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
    {
        _logger = logger;
        _timer = time.CreateTimer(_ => Sum(), null, Every, Every);
    }

    public void Refused(string callingAe, string calledAe, IPAddress address, AssociateReject reject)
    {
        lock (_gate)
        {
            address = _more.Count < MaxAddresses || _more.ContainsKey(address) ? address : IPAddress.Any;
            if (!_more.TryAdd(address, 0))
            {
                _more[address]++;
                return;
            }
        }
        Log.Rejected(_logger, AeTitle.Printable(callingAe), AeTitle.Printable(calledAe), address, reject);
    }

    /// <summary>Ends a minute. An address that was refused nothing more in it is new again.</summary>
    public void Sum()
    {
        lock (_gate)
        {
            foreach (var (address, more) in _more.ToList())
            {
                if (more == 0)
                {
                    _more.Remove(address);
                    continue;
                }
                Log.More(_logger, more, address);
                _more[address] = 0;
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private static partial class Log
    {
        [LoggerMessage(4102, LogLevel.Warning, "Refused {CallingAe} calling {CalledAe} from {Address}: {Reject}")]
        public static partial void Rejected(ILogger logger, string callingAe, string calledAe, IPAddress address, AssociateReject reject);

        [LoggerMessage(4107, LogLevel.Warning, "Refused {Count} more associations from {Address} in the last minute")]
        public static partial void More(ILogger logger, int count, IPAddress address);
    }
}
