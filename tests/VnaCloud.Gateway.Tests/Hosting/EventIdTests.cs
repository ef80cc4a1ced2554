using System.Reflection;
using Microsoft.Extensions.Logging;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Tests.Hosting;

/// <summary>Events of the log are told apart by their ids: alarms are set on them.</summary>
public sealed class EventIdTests
{
    [Fact]
    public void EventIds_OfTheWholeGateway_AreUnique()
    {
        var ids = typeof(ObjectSpool).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId).OfType<int>().ToList();
        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key));
    }
}
